"""Replay of past loads with other rules: a dry run shows the changes, a replay loads them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from city_indicators.core.archive import Archive
from city_indicators.core.errors import ArchiveError, GateRefusedError
from city_indicators.ingest import load as ingest
from city_indicators.ingest import replay
from city_indicators.ingest.replay import Batch, Comparison
from city_indicators.ingest.validation.rules import RuleSet
from city_indicators.warehouse.ledger import Run
from city_indicators.warehouse.publish import Outcome
from tests.warehouse.conftest import CATALOGUE, NOON, SOURCE, Publisher

Query = Callable[[str], list[tuple[object, ...]]]

COUNTRIES = ("ARE", "ARG", "AUS", "BRA", "CAN", "CHN", "COL", "DEU", "EGY", "ESP", "ETH", "RUS")
MANY: dict[str, object] = {code: 1000.5 + n for n, code in enumerate(COUNTRIES)}
RUSSIA = """
select version, obs_value from core.observation_version where ref_area = 'RUS' order by version
"""
# Outside the plausible range of the catalogue, 0 to 300 000 kWh per head.
TOO_MUCH = 987654
LATER = NOON + timedelta(days=2)


class Desk:
    """Replays the archived snapshots of a publisher."""

    def __init__(self, publisher: Publisher) -> None:
        self.warehouse = publisher.warehouse
        self.archive = Archive(publisher.folder / "archive")
        self.staging = publisher.staging

    def find(self, rule: str | None = None, since: date | None = None) -> list[Batch]:
        with self.warehouse.connect() as connection:
            return replay.find(connection, SOURCE, rule, since)

    def dry_run(self, batch: Batch) -> Comparison:
        return replay.dry_run(SOURCE, CATALOGUE, batch, self.archive, self.warehouse, LATER)

    def replay(self, batch: Batch) -> Outcome:
        run = Run("replay_rejected", "by hand", str(batch.load_id))
        return replay.replay(
            SOURCE, CATALOGUE, batch, run, self.archive, self.staging, self.warehouse, lambda: LATER
        )[1]


@pytest.fixture
def desk(publisher: Publisher) -> Desk:
    return Desk(publisher)


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Remove a row rule from today's rules."""

    def take_out(rule_id: str) -> None:
        rules = ingest.load_rules()
        remaining = [rule for rule in rules.row_rules if rule.id != rule_id]
        assert len(remaining) == len(rules.row_rules) - 1
        patched: RuleSet = rules.model_copy(update={"row_rules": remaining})
        monkeypatch.setattr(ingest, "load_rules", lambda: patched)

    return take_out


def counts(comparison: Comparison) -> dict[str, list[int]]:
    return {str(rule): [int(n) for n in row] for rule, row in comparison.rules.iterrows()}


def everything(query: Query) -> list[Any]:
    return [
        query("select * from ops.load order by 1"),
        query("select * from ops.load_fetch order by 1, 2"),
        query("select * from archive.fetch_event order by 1"),
        query("select * from core.observation_version order by 1, 2, 3, 4, 5"),
        query("select * from core.observation_state order by 1, 2"),
        query("select * from quality.rejected_row order by 1"),
        query("select validation_id, load_id from quality.validation order by 1"),
    ]


def test_a_widened_rule_adds_the_rejected_rows(
    publisher: Publisher, desk: Desk, query: Query, without: Callable[[str], None]
) -> None:
    publisher.load({**MANY, "RUS": TOO_MUCH})
    assert query(RUSSIA) == []
    (batch,) = desk.find("plausible_range")
    before = everything(query)

    same = desk.dry_run(batch)
    assert counts(same) == {"plausible_range": [1, 1, 0, 0]}
    assert same.outcome == Outcome(added=0, revised=0, withdrawn=0, unchanged=11, outdated=0)
    assert not same.differs

    without("plausible_range")
    widened = desk.dry_run(batch)
    assert counts(widened) == {"plausible_range": [1, 0, 1, 0]}
    assert widened.outcome == Outcome(added=1, revised=0, withdrawn=0, unchanged=11, outdated=0)
    assert widened.differs
    assert everything(query) == before

    assert desk.replay(batch) == widened.outcome
    assert query(RUSSIA) == [(1, TOO_MUCH)]
    # Known since the replay, with the time of the original fetch.
    assert query(
        """
        select fetched_at, known_from
        from core.observation inner join archive.fetch_event using (fetch_id) where ref_area = 'RUS'
        """
    ) == [(NOON, LATER)]
    assert query("select dag_id, read_rows, accepted_rows, rejected_rows from ops.load order by load_id") == [
        ("ingest_owid_grapher", 12, 11, 1),
        ("replay_rejected", 12, 12, 0),
    ]
    assert desk.find("plausible_range") == []


def test_a_stricter_rule_removes_no_observation(
    publisher: Publisher, desk: Desk, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.load({**MANY, "RUS": 99999})
    energy = SOURCE.series[0].indicator
    narrowed = CATALOGUE.indicators[energy].model_copy(update={"range": (0, 50000)})
    monkeypatch.setitem(CATALOGUE.indicators, energy, narrowed)
    (batch,) = desk.find()
    comparison = desk.dry_run(batch)
    assert counts(comparison) == {"plausible_range": [0, 1, 0, 1]}
    assert comparison.outcome == Outcome(added=0, revised=0, withdrawn=0, unchanged=11, outdated=0)
    assert comparison.differs
    desk.replay(batch)
    assert query(RUSSIA) == [(1, 99999.0)]
    assert query("select rule from quality.rejected_row") == [("plausible_range",)]


def test_a_refused_load_is_loaded_after_the_rule_is_corrected(
    publisher: Publisher,
    desk: Desk,
    query: Query,
    without: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # By default the gate ignores rejections in such a small load.
    gate = [rule.model_copy(update={"from_rows": 0}) for rule in ingest.load_rules().gate_rules]
    strict = ingest.load_rules().model_copy(update={"gate_rules": gate})
    monkeypatch.setattr(ingest, "load_rules", lambda: strict)
    with pytest.raises(GateRefusedError):
        publisher.load({**MANY, "RUS": TOO_MUCH, "BRA": TOO_MUCH})
    (batch,) = desk.find("plausible_range")
    refused = desk.dry_run(batch)
    assert refused.outcome is None
    assert "2 of 12 rows were rejected" in refused.refusals[0]
    assert not refused.differs
    without("plausible_range")
    assert desk.dry_run(batch).differs
    assert desk.replay(batch) == Outcome(added=12, revised=0, withdrawn=0, unchanged=0, outdated=0)
    assert query("select state from ops.load order by load_id") == [("refused",), ("published",)]


def test_a_missing_snapshot_names_load_and_next_step(publisher: Publisher, desk: Desk, query: Query) -> None:
    publisher.load(MANY)
    ((sha256,),) = query("select sha256 from archive.snapshot")
    (desk.archive.root / "sha256" / str(sha256)[:2] / str(sha256)).unlink()
    (batch,) = desk.find()
    with pytest.raises(ArchiveError, match=r"owid_grapher, load 1 of 2019.*missing.*Next step: restore"):
        desk.dry_run(batch)
    with pytest.raises(ArchiveError, match="Next step"):
        desk.replay(batch)
    assert query("select count(*) from ops.load") == [(1,)]


def test_an_old_load_does_not_overwrite_later_fetches(
    publisher: Publisher, desk: Desk, query: Query, without: Callable[[str], None]
) -> None:
    publisher.load({**MANY, "RUS": TOO_MUCH})
    (old,) = desk.find("plausible_range")
    publisher.load({**MANY, "RUS": 7})
    # The later fetch covers the complete year, so the earlier load is no longer offered,
    assert desk.find("plausible_range") == []
    assert [batch.load_id for batch in desk.find()] == [2]
    # and if a replay had found it before, its observation is outdated.
    without("plausible_range")
    assert desk.replay(old) == Outcome(added=0, revised=0, withdrawn=0, unchanged=11, outdated=1)
    assert query(RUSSIA) == [(1, 7.0)]


def test_a_load_is_replayed_only_for_years_without_a_later_fetch(
    publisher: Publisher, desk: Desk, warehouse: Engine
) -> None:
    publisher.load(MANY)
    with warehouse.begin() as connection:
        connection.exec_driver_sql("update ops.load set interval_start = '2015-01-01'")
    publisher.load(MANY, year=2017)
    assert [(str(p.interval.start), str(p.interval.end), p.load_id) for p in desk.find()] == [
        ("2015-01-01", "2017-01-01", 1),
        ("2018-01-01", "2020-01-01", 1),
        ("2017-01-01", "2018-01-01", 2),
    ]


def test_since_compares_the_day_of_the_fetch(publisher: Publisher, desk: Desk) -> None:
    publisher.load(MANY, year=2018, fetched_at=NOON)
    publisher.load(MANY, year=2019, fetched_at=NOON + timedelta(days=5))
    assert [batch.load_id for batch in desk.find(since=date(2026, 1, 1))] == [1, 2]
    assert [batch.load_id for batch in desk.find(since=date(2026, 1, 2))] == [2]
    assert desk.find(since=date(2026, 1, 7)) == []


def test_the_report_sums_rules_and_shows_each_load(
    publisher: Publisher, desk: Desk, without: Callable[[str], None]
) -> None:
    publisher.load({**MANY, "RUS": TOO_MUCH}, year=2018)
    publisher.load({**MANY, "RUS": TOO_MUCH, "BRA": "n/a"}, year=2019)
    without("plausible_range")
    text = replay.report(SOURCE.id, [desk.dry_run(batch).to_json() for batch in desk.find()])
    lines = text.splitlines()
    assert lines[0] == "### Replay of owid_grapher: 2 loads, 2 of them would change"
    assert "| plausible_range | 2 | 0 | 2 | 0 |" in lines
    assert "| value_is_number | 1 | 1 | 0 | 0 |" in lines
    assert "| 2 | 2019 | 2026-01-01 12:02 | 11 | 1 | 0 | 0 | 10 | 0 | passes |" in lines


def test_batches_can_be_passed_through_xcom(publisher: Publisher, desk: Desk) -> None:
    publisher.load(MANY)
    (batch,) = desk.find()
    assert Batch.from_json(batch.to_json()) == batch


def test_all_submissions_since_the_rejection_are_replayed(
    publisher: Publisher, desk: Desk, warehouse: Engine, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.load(MANY)
    publisher.load({**MANY, "RUS": TOO_MUCH})
    publisher.load({**MANY, "RUS": 7})
    with warehouse.begin() as connection:
        connection.exec_driver_sql("update ops.load set partial = true")
    monkeypatch.setattr(type(SOURCE), "is_submission", property(lambda _: True))
    assert [batch.load_id for batch in desk.find()] == [1, 2, 3]
    assert [batch.load_id for batch in desk.find("plausible_range")] == [2, 3]
    assert desk.find("known_unit") == []
    # A replayed form is not replayed again.
    (_, second, _) = desk.find()
    desk.replay(second)
    assert [batch.load_id for batch in desk.find()] == [1, 4, 3]
    assert query(RUSSIA) == [(1, 1011.5), (2, 7.0)]
