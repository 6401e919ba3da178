"""What an edition freezes beside its rating: megatrends, peers, evidence, names, sources; and its pairs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from shutil import copytree
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import text

from city_indicators.core.errors import EditionError
from city_indicators.delivery.documents.build import build
from city_indicators.delivery.documents.declaration import DOCUMENTS
from city_indicators.delivery.documents.edition import Computed
from city_indicators.delivery.documents.model import Block, Chart, Document, Table
from city_indicators.delivery.exports.facts import gather, names_of
from city_indicators.delivery.exports.tables import EDITION_TABLES, choose, reading
from city_indicators.reports.editions.contents import contents
from city_indicators.reports.editions.freeze import Proposal, checksum, propose, publish
from city_indicators.reports.past import reference_as_of
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.report_tables import report_tables
from tests.methods import LENIENT, RESEARCH
from tests.queries import rows
from tests.warehouse.conftest import CATALOGUE, NOON, Publisher
from tests.warehouse.documented import declare
from tests.warehouse.entered import LoadInput, Observation, enter
from tests.warehouse.test_as_of import as_rows
from tests.warehouse.test_publish import MANY
from tests.warehouse.test_research_as_of import publish_people, send

METHOD = LENIENT.model_copy(update={"id": "climate_world"})
KEY = ("rating", "edition")
BESIDE = ("best_practice_evidence", "city_peer", "megatrend", "name", "source")
FROZEN = (*BESIDE, "rating", "rating_indicator", "rating_pillar")
AT = datetime(2026, 2, 1, tzinfo=UTC)
LATER = AT + timedelta(days=30)
OF_CITIES = [
    ("moscow", "2019", 50_000.5, "ceads_cities"),
    ("guangzhou", "2018", 20_000.25, "ceads_cities"),
    ("beijing", "2019", 30_000, "un_habitat_green"),
]


class Desk:
    """The edition 2019.1 of a rating by one indicator, with trends, peers and a case."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher, self.warehouse, self.folder = publisher, publisher.warehouse, publisher.folder
        publisher.load({**MANY, "RUS": 60000.1})
        for source in ("ceads_cities", "un_habitat_green"):
            found = [
                Observation(city, year, value, geo_basis="city")
                for city, year, value, own in OF_CITIES
                if own == source
            ]
            self.enter(LoadInput(source, range(2018, 2020), found))
        publish_people(publisher)
        send(self.warehouse, self.folder, 2015, NOON)
        refresh(self.warehouse, {METHOD.id: METHOD}, RESEARCH, AT)
        self.proposal = self.propose()
        self.publish(self.proposal)

    def enter(self, load: LoadInput) -> None:
        self.publisher.publish(enter(self.warehouse, self.publisher.staging, load))

    def propose(self, at: datetime = AT) -> Proposal:
        with self.warehouse.begin() as connection:
            return propose(connection, METHOD.id, "2019", "A trial", lambda: at)

    def publish(self, proposal: Proposal) -> str:
        with self.warehouse.begin() as connection:
            return publish(connection, proposal, "anna", AT)

    def again(self) -> dict[str, pd.DataFrame]:
        """The tables of the edition, computed again from what was known then."""
        with self.warehouse.connect() as connection:
            reference = reference_as_of(connection, AT).reference
            return contents(connection, METHOD, reference, "2019", AT)

    def frozen(self) -> dict[str, pd.DataFrame]:
        """The tables of the edition as the database holds them."""
        found = {}
        for name in FROZEN:
            twin = report_tables().get(name)
            stored = [column for column in report_tables()[f"edition_{name}"].columns if column not in KEY]
            columns = ", ".join(twin.editions.columns if twin and twin.editions else stored)
            order = ", ".join(report_tables()[f"edition_{name}"].key)
            query = f"select {columns} from report.edition_{name} where edition = '2019.1' order by {order}"  # noqa: S608
            found[name] = pd.DataFrame(rows(self.warehouse, query), columns=columns.split(", "))
        return found

    def document(self, name: str) -> Document:
        root = self.folder / "documents"
        if not root.exists():
            copytree(DOCUMENTS, root)
            declare(root, "own", "sources, ranking")
        with reading(self.warehouse) as connection:
            return build(Computed.of(connection, METHOD.id, "2019.1"), name, "en", root).document


@pytest.fixture
def desk(publisher: Publisher) -> Desk:
    return Desk(publisher)


def tables(document: Document, caption: str) -> list[Table]:
    return [
        block for block in document.blocks if isinstance(block, Table) and block.caption.startswith(caption)
    ]


def shown(document: Document) -> list[Block]:
    """The blocks of a document, of charts their specifications."""
    return [
        replace(block, draw=dict) if isinstance(block, Chart) else block  # type: ignore[arg-type]
        for block in document.blocks
    ]


def revise(desk: Desk) -> None:
    """Everything that the tables are made from becomes another: data, case, declarations."""
    # From here on, what is published is known from LATER.
    desk.publisher._minutes = count((LATER - NOON) // timedelta(minutes=1))
    desk.publisher.load({**MANY, "RUS": 50000, "CHN": 7})
    desk.enter(
        LoadInput("ceads_cities", range(2018, 2020), [Observation("moscow", "2019", 9, geo_basis="city")])
    )
    publish_people(desk.publisher, falling=5e4)
    send(desk.warehouse, desk.folder, 2014, LATER)
    fewer = RESEARCH.peers.model_copy(update={"neighbours": 2})
    wording = RESEARCH.megatrends.model_copy(update={"draft": False})
    other = RESEARCH.model_copy(update={"peers": fewer, "megatrends": wording})
    refresh(desk.warehouse, {METHOD.id: METHOD}, other, LATER)


def test_an_edition_stays_when_everything_is_revised_and_can_be_computed_again(desk: Desk) -> None:
    before = as_rows(desk.frozen())
    pairs = rows(desk.warehouse, "select * from report.edition_pair_comparison order by 1, 2, 3, 4, 5")
    assert [name for name in FROZEN if not before[name]] == []
    assert pairs
    current = {
        name: rows(desk.warehouse, f"select * from report.{name} order by 1, 2, 3, 4")  # noqa: S608
        for name in ("megatrend", "city_peer", "best_practice_evidence")
    }
    revise(desk)
    for name, found in current.items():
        assert rows(desk.warehouse, f"select * from report.{name} order by 1, 2, 3, 4") != found  # noqa: S608
    assert as_rows(desk.frozen()) == before
    assert (
        rows(desk.warehouse, "select * from report.edition_pair_comparison order by 1, 2, 3, 4, 5") == pairs
    )
    assert as_rows(desk.again()) == before


def test_the_checksum_covers_every_table(desk: Desk) -> None:
    found = desk.frozen()
    assert checksum(found) == desk.proposal.checksum
    assert rows(desk.warehouse, "select checksum from report.edition") == [(desk.proposal.checksum,)]
    for name in BESIDE:
        assert checksum({**found, name: found[name].iloc[1:]}) != desk.proposal.checksum, name


def test_an_edition_names_what_it_shows_and_cites_what_it_uses(desk: Desk) -> None:
    frozen = desk.frozen()
    names = frozen["name"].set_index(["code_list", "code"])
    assert tuple(names.loc[("place", "guangzhou")]) == ("Guangzhou", "Гуанчжоу", "广州")
    assert tuple(names.loc[("place", "RUS")]) == ("Russia", "Россия", "俄罗斯")
    places = {code for of_list, code in names.index if of_list == "place"}
    assert places == {code for city in CATALOGUE.cities.values() for code in (city.ref_area, city.country)}
    indicators = {code for of_list, code in names.index if of_list == "indicator"}
    assert indicators == {*METHOD.used, *RESEARCH.megatrends.indicators}
    sources = frozen["source"].set_index("source")
    # The trends of people rest on un_wup; the other sources gave values alone.
    assert set(sources.index) == {"owid_grapher", "ceads_cities", "un_habitat_green", "un_wup"}
    trends = rows(
        desk.warehouse,
        "select count(*) from report.trend where trend is not null and indicator = 'POP_AGGLO'",
    )
    assert dict(sources["trends"]) == dict.fromkeys(sources.index, 0) | {"un_wup": trends[0][0]}
    assert trends[0][0] > 40
    declared = CATALOGUE.sources["un_wup"]
    assert tuple(sources.loc["un_wup"])[:-1] == (
        declared.name,
        declared.publisher,
        declared.base_url,
        declared.licence,
        declared.licence_url,
        declared.attribution,
    )


def rename(desk: Desk) -> None:
    """Russia, an indicator, a unit and a source get other names and texts."""
    for statement in (
        "update catalog.ref_area set name_en = 'Elsewhere' where ref_area in ('RUS', 'moscow')",
        "update catalog.indicator set name_en = 'Renamed'",
        "update catalog.unit set name_en = 'furlongs'",
        "update catalog.source set attribution = 'Somebody', licence = 'None', publisher = 'Anybody'",
    ):
        with desk.warehouse.begin() as connection:
            connection.execute(text(statement))


def test_documents_and_exports_show_names_and_sources_as_published(desk: Desk) -> None:
    before = [desk.document(name) for name in ("climate_world", "megatrends", "moscow_guangzhou", "own")]
    rename(desk)
    after = [desk.document(name) for name in ("climate_world", "megatrends", "moscow_guangzhou", "own")]
    assert list(map(shown, after)) == list(map(shown, before))
    with reading(desk.warehouse) as connection:
        export = choose(connection, "edition", [f"rating={METHOD.id}", "edition=2019.1"])
        sources = gather(connection, export, AT).sources
        current = gather(connection, choose(connection, "report.city_profile", []), AT).sources
        names = names_of(connection, export, "en")
    declared = {row["source"]: CATALOGUE.sources[row["source"]].attribution for row in sources}
    assert {row["source"]: row["attribution"] for row in sources} == declared
    assert {row["attribution"] for row in current} == {"Somebody"}
    assert names["place", "RUS"] == "Russia"
    assert names["unit", "KWH_PC"] == CATALOGUE.units["KWH_PC"].name.en


def test_names_that_changed_since_the_proposal_are_not_published(desk: Desk) -> None:
    proposal = desk.propose(LATER)
    rename(desk)
    with pytest.raises(EditionError, match=r"differs from what was approved.*names, texts of sources"):
        desk.publish(proposal)


def test_an_edition_is_refused_before_the_research_was_computed(desk: Desk) -> None:
    with desk.warehouse.begin() as connection:
        connection.execute(text("update ops.report_refresh set research_declaration = null"))
    with pytest.raises(EditionError, match=r"megatrends, peers and evidence, which were never computed"):
        desk.propose(LATER)


def test_megatrends_of_a_document_are_those_of_the_edition_in_their_declared_order(desk: Desk) -> None:
    revise(desk)
    document = desk.document("megatrends")
    (demography,) = tables(document, "Demography")
    assert "report.edition_megatrend" in demography.note.text
    declared = [trend.name.en for trend in RESEARCH.megatrends.trends]
    shown = list(dict.fromkeys(row[0] for row in demography.rows))
    assert shown == [name for name in declared if name in shown]
    query = """
        select megatrend_name_en, group_name_en, places_for from report.edition_megatrend
        where level = 'city' and time_window = 'since_2000' and places_assessed > 0
    """
    found = {(trend, group): places for trend, group, places in rows(desk.warehouse, query)}
    assert found
    window = next(w.name.en for w in RESEARCH.trends.windows if w.id == "since_2000")
    assert found == {
        (row[0], row[1]): int(row[5]) for row in demography.rows if (row[2], row[3]) == ("cities", window)
    }
    (sources,) = tables(document, "Sources and licences")
    assert [(row[0], row[2]) for row in sources.rows] == [
        (CATALOGUE.sources["un_wup"].attribution, str(found_trends(desk)))
    ]


def found_trends(desk: Desk) -> int:
    ((count,),) = rows(desk.warehouse, "select trends from report.edition_source where trends > 0")
    return int(count)


def test_an_edition_from_before_these_tables_keeps_its_documents(desk: Desk) -> None:
    names = ("climate_world", "megatrends", "moscow_guangzhou")
    before = {name: desk.document(name) for name in names}
    with desk.warehouse.begin() as connection:
        for name in BESIDE:
            connection.execute(text(f"alter table report.edition_{name} disable trigger frozen"))
            connection.execute(text(f"delete from report.edition_{name}"))  # noqa: S608
    revise(desk)
    after = {name: desk.document(name) for name in names}
    for name in ("climate_world", "moscow_guangzhou"):
        assert shown(after[name]) == shown(before[name])
    caption = "Demography"
    (then,), (now,) = tables(before["megatrends"], caption), tables(after["megatrends"], caption)
    assert now.rows == then.rows
    assert now.note.text.startswith("Computed from the data of edition 2019.1")


def test_pairs_of_an_edition_are_compared_by_its_values(desk: Desk) -> None:
    query = """
        select other_ref_area, raw_value, other_raw_value, incomparable_because, comparable, difference
        from report.edition_pair_comparison
        where edition = '2019.1' and ref_area = 'moscow' and indicator = 'ENERGY_PC'
            and other_ref_area in ('guangzhou', 'beijing', 'cairo')
    """
    assert sorted(rows(desk.warehouse, query)) == [
        ("beijing", 50000.5, 30000.0, ["other_source"], False, None),
        (
            "cairo",
            50000.5,
            MANY["EGY"],
            ["other_basis", "other_source", "not_city_level"],
            False,
            None,
        ),
        ("guangzhou", 50000.5, 20000.25, [], True, 30000.25),
    ]


@pytest.mark.parametrize(
    ("differing", "reasons"),
    [
        ({}, []),
        ({"other_unit": "'T'"}, ["other_unit"]),
        ({"other_basis": "'metro'"}, ["other_basis"]),
        ({"other_source": "'b'"}, ["other_source"]),
        ({"other_year": "'2016'"}, []),
        ({"other_year": "'2015'"}, ["years_apart"]),
        ({"other_year": "'2023'"}, ["years_apart"]),
        ({"city_level": "false"}, ["not_city_level"]),
        ({"other_city_level": "false", "other_source": "'b'"}, ["other_source", "not_city_level"]),
        (
            dict.fromkeys(
                ("other_unit", "other_basis", "other_source", "other_year", "other_city_level"), "null"
            ),
            ["no_value"],
        ),
    ],
)
def test_why_two_values_are_not_comparable(
    specimens: Any, differing: dict[str, str], reasons: list[str]
) -> None:
    same = {
        **{"unit": "'KWH'", "other_unit": "'KWH'", "basis": "'city'", "other_basis": "'city'"},
        **{"source": "'a'", "other_source": "'a'", "year": "'2019'", "other_year": "'2019'"},
        **{"city_level": "true", "other_city_level": "true"},
    }
    given = ", ".join(f"{name} => {value}" for name, value in {**same, **differing}.items())
    assert rows(specimens, f"select core.incomparable_because({given})") == [(reasons,)]


def test_the_export_of_an_edition_has_every_frozen_table() -> None:
    frozen = {name for name, table in report_tables().items() if table.rows == "frozen"}
    assert set(EDITION_TABLES) == frozen
