"""Editions are frozen as approved, and compared with the ratings from today's data."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from city_indicators.core.errors import EditionError
from city_indicators.ingest import load as ingest
from city_indicators.reports.editions.diff import STEPS, compare_all, split
from city_indicators.reports.editions.freeze import Proposal, propose, publish
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.catalog_sync import sync
from city_indicators.warehouse.report_tables import report_tables
from tests.methods import LENIENT, RESEARCH
from tests.warehouse.conftest import CATALOGUE, NOON, Publisher
from tests.warehouse.test_publish import MANY

Query = Callable[[str], list[tuple[object, ...]]]
AT = datetime(2026, 2, 1, tzinfo=UTC)
TITLE = "Climate agenda, a trial"
# The tables of ratings; test_edition_tables has the others.
PUBLISHED = {
    name: table.editions.columns
    for name, table in report_tables().items()
    if table.editions and "time_period" in table.key
}


@pytest.fixture
def desk(publisher: Publisher, warehouse: Engine) -> "Desk":
    publisher.load({**MANY, "RUS": 60000.1, "CHN": 30000.3})
    refresh(warehouse, {LENIENT.id: LENIENT}, RESEARCH, AT)
    return Desk(warehouse)


class Desk:
    """Proposes and publishes editions."""

    def __init__(self, warehouse: Engine) -> None:
        self.warehouse = warehouse
        self.days = 0

    def propose(self, period: str = "2019", title: str = TITLE) -> Proposal:
        self.days += 1
        at = NOON + timedelta(days=2 + self.days)
        with self.warehouse.begin() as connection:
            return propose(connection, "climate_first", period, title, lambda: at)

    def publish(self, proposal: Proposal) -> str:
        with self.warehouse.begin() as connection:
            return publish(connection, proposal, "anna", AT)

    def differences(self) -> pd.DataFrame:
        with self.warehouse.begin() as connection:
            compare_all(connection, AT)
        with self.warehouse.connect() as connection:
            rows = connection.execute(text("select * from report.edition_diff order by ref_area"))
            found = pd.DataFrame(rows.fetchall(), columns=list(rows.keys())).set_index("ref_area")
        return found.astype(object).where(found.notna(), None)


def test_freezes_the_approved_rows_with_their_method(desk: Desk, query: Query) -> None:
    proposal = desk.propose()
    assert "| 1 | " in proposal.summary
    assert desk.publish(proposal) == "2019.1"
    ((edition, method_version, known_at, ranked, approved_by, citation, checksum),) = query(
        """
        select edition, method_version, known_at, n_ranked, approved_by, citation, checksum
        from report.edition
        """
    )
    assert (edition, method_version, known_at) == ("2019.1", proposal.method_version, proposal.known_at)
    assert (ranked, approved_by, checksum) == (proposal.n_ranked, "anna", proposal.checksum)
    assert str(citation).startswith(f"{TITLE}. ")
    assert "edition 2019.1" in str(citation)
    assert query("select count(*) from report.edition_rating") == [(48,)]
    same = """
        select count(*) from (
            select {0} from report.edition_{1} except select {0} from report.{1} where time_period = '2019'
        ) as differing
    """
    for table, columns in PUBLISHED.items():
        assert query(same.format(", ".join(columns), table)) == [(0,)], table


def test_a_frozen_score_and_value_lead_to_the_observation_that_they_used(
    desk: Desk, publisher: Publisher, query: Query
) -> None:
    edition = desk.publish(desk.propose())
    # The edition keeps the version that it froze.
    publisher.load({**MANY, "RUS": 70000, "CHN": 30000.3})
    key = f'"rating": "climate_first", "edition": "{edition}", "ref_area": '
    led = (
        "select ref_area, indicator, time_period, version, value_as_published from report.lineage('{}', '{}')"
    )
    for city, country, value in (("moscow", "RUS", "60000.1"), ("guangzhou", "CHN", "30000.3")):
        row = (country, "ENERGY_PC", "2019", 1, value)
        assert query(led.format("edition_rating", f'{{{key}"{city}"}}')) == [row]
        of_value = f'{{{key}"{city}", "indicator": "ENERGY_PC"}}'
        assert query(led.format("edition_rating_indicator", of_value)) == [row]
    of_other = f'{{{key}"moscow", "indicator": "CO2_PC"}}'
    assert query(led.format("edition_rating_indicator", of_other)) == []


def test_publishing_a_proposal_twice_gives_one_edition(desk: Desk) -> None:
    proposal = desk.propose()
    assert [desk.publish(proposal), desk.publish(proposal)] == ["2019.1", "2019.1"]
    assert desk.publish(desk.propose()) == "2019.2"
    assert desk.publish(desk.propose("2020")) == "2020.1"


@pytest.mark.parametrize(
    "statement",
    [
        "update report.edition set title = 'other'",
        "delete from report.edition_rating",
        "truncate report.edition_rating_pillar",
        "delete from report.edition_megatrend",
        "update report.edition_city_peer set distance = 0",
        "truncate report.edition_best_practice_evidence",
        "update report.edition_name set name_en = 'other'",
        "delete from report.edition_source",
        "update report.edition_rating_indicator set raw_value = 0",
        "insert into report.edition_rating select (jsonb_populate_record(edition_rating, "
        "jsonb_build_object('ref_area', 'nowhere'))).* from report.edition_rating limit 1",
    ],
)
def test_an_edition_never_changes(desk: Desk, warehouse: Engine, statement: str) -> None:
    desk.publish(desk.propose())
    with (
        pytest.raises(DatabaseError, match="a published edition never changes"),
        warehouse.begin() as connection,
    ):
        connection.execute(text(statement))


def test_refuses_an_edition_that_differs_from_the_approved_one(desk: Desk, query: Query) -> None:
    altered = Proposal.from_json({**desk.propose().to_json(), "checksum": "0" * 64})
    with pytest.raises(EditionError, match=r"differs from what was approved.*Nothing was.*Next step"):
        desk.publish(altered)
    assert query("select count(*) from report.edition") == [(0,)]


@pytest.mark.parametrize(
    ("period", "title", "fault"),
    [("1991", TITLE, "ranks no city"), ("2019", "  ", "has no title")],
)
def test_refuses_a_proposal_that_cannot_be_published(desk: Desk, period: str, title: str, fault: str) -> None:
    with pytest.raises(EditionError, match=rf"{fault}.*Next step"):
        desk.propose(period, title)


def test_later_data_is_not_in_the_edition(desk: Desk, publisher: Publisher, query: Query) -> None:
    proposal = desk.propose()
    load_id = publisher.validate({**MANY, "RUS": 1, "CHN": 2})
    from city_indicators.ingest import load as ingest

    ingest.publish_load(
        load_id, publisher.staging, desk.warehouse, lambda: proposal.known_at + timedelta(days=1)
    )
    desk.publish(proposal)
    assert query(
        "select raw_value from report.edition_rating_indicator"
        " where ref_area = 'moscow' and raw_value is not null"
    ) == [(60000.1,)]


def score(kwh: float) -> float:
    """The score from the only indicator with data: 150 000 kWh is worst, 600 is best."""
    return 10 + 90 * (kwh - 150000) / (600 - 150000)


def test_splits_a_change_into_data_method_and_cities(
    desk: Desk, publisher: Publisher, warehouse: Engine
) -> None:
    desk.publish(desk.propose())
    later = desk.propose().known_at + timedelta(days=1)

    def load(observations: dict[str, object], year: int = 2019) -> None:
        load_id = publisher.validate(observations, year)
        ingest.publish_load(load_id, publisher.staging, warehouse, lambda: later)

    # Russia is revised; South Africa's first observation is new; China's is withdrawn, and a new one of the
    # previous year becomes its latest.
    load({**{k: v for k, v in MANY.items() if k != "CHN"}, "RUS": 50000, "ZAF": 9000})
    load({"CHN": 20000}, 2018)
    worse = LENIENT.model_copy(update={"version": "99.0.0", "scale": (10.0, 50.0)})
    fewer = {k: city for k, city in CATALOGUE.cities.items() if city.country != "EGY"}
    sync(warehouse.url, CATALOGUE.model_copy(update={"cities": fewer}))
    refresh(warehouse, {worse.id: worse}, RESEARCH, AT + timedelta(days=1))
    rows = desk.differences()

    moscow = rows.loc["moscow"]
    assert moscow["score_as_published"] == pytest.approx(score(60000.1), abs=1e-9)
    assert moscow["delta_revised_data"] == pytest.approx(score(50000) - score(60000.1), abs=1e-9)
    assert (moscow["delta_new_data"], moscow["delta_city_set"]) == (0, 0)
    # By the new scale, 10 to 50 instead of 10 to 100.
    today = 10 + (score(50000) - 10) * 40 / 90
    assert moscow["delta_method"] == pytest.approx(today - score(50000), abs=1e-9)
    assert moscow["score_today"] == pytest.approx(today, abs=1e-9)
    johannesburg = rows.loc["johannesburg"]
    assert pd.isna(johannesburg["score_as_published"])
    assert (johannesburg["appeared_with"], johannesburg["disappeared_with"]) == ("new_data", None)
    beijing = rows.loc["beijing"]
    assert (beijing["disappeared_with"], beijing["appeared_with"]) == ("revised_data", "new_data")
    assert rows.loc["cairo", "disappeared_with"] == "city_set"
    compared = rows[
        rows["appeared_with"].isna() & rows["disappeared_with"].isna() & rows["score_today"].notna()
    ]
    steps = compared[[f"delta_{step}" for step in STEPS]].astype(float).sum(axis=1)
    change = (compared["score_today"] - compared["score_as_published"]).astype(float)
    assert len(compared) > 10
    assert (steps - change).abs().max() < 1e-9


def test_unchanged_data_gives_no_difference(desk: Desk) -> None:
    desk.publish(desk.propose())
    rows = desk.differences()
    scored = rows[rows["score_as_published"].notna()]
    assert len(scored) > 10
    assert (scored[[f"delta_{step}" for step in STEPS]].astype(float) == 0).all(axis=None)
    assert (scored["rank_as_published"] == scored["rank_today"]).all()


def test_a_change_by_the_code_counts_as_method() -> None:
    scores = pd.DataFrame({"published": [50.0], "again": [51.0], **{step: [53.0] for step in STEPS}})
    (row,) = split(scores).to_dict("records")
    assert (row["delta_revised_data"], row["delta_method"]) == (2.0, 1.0)
    assert row["score_today"] - row["score_as_published"] == 3.0


def test_keeps_the_edition_of_a_removed_rating(desk: Desk, warehouse: Engine) -> None:
    desk.publish(desk.propose())
    refresh(warehouse, {LENIENT.id: LENIENT}, RESEARCH, AT + timedelta(days=1), rebuild=True)
    before = desk.differences()
    refresh(warehouse, {}, RESEARCH, AT + timedelta(days=2), rebuild=True)
    pd.testing.assert_frame_equal(desk.differences(), before)
    with pytest.raises(EditionError, match="has never been computed"):
        desk.propose()
