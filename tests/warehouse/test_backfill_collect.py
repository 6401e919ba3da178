"""Plans of backfills from a real warehouse and archive; planning changes nothing."""

from collections.abc import Callable

import pytest
from sqlalchemy import URL, Engine, text

from city_indicators.__main__ import main
from city_indicators.ingest.validation.rules import RuleSet
from city_indicators.warehouse.database import statement
from city_indicators.warehouse.publish import Outcome
from tests.warehouse.conftest import RULES, SOURCE, Publisher
from tests.warehouse.plans import planned
from tests.warehouse.test_replay import MANY, TOO_MUCH, everything

Query = Callable[[str], list[tuple[object, ...]]]


def test_distinguishes_loaded_archived_and_unknown_years(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load({**MANY, "RUS": TOO_MUCH}, year=2018)
    publisher.load(MANY, year=2019)
    with warehouse.begin() as connection:
        connection.execute(text("update ops.load set revision = 'ETag:1'"))
        # The load of 2018 was read by earlier declarations.
        connection.execute(
            text("update ops.load set declaration = 'earlier' where interval_start = '2018-01-01'")
        )
    before = everything(query)
    plan = planned(publisher).plan
    assert [run.action for run in plan.runs] == ["replay", "nothing", "fetch"]
    # Russia's observation of 2018 was rejected.
    assert [run.observations for run in plan.runs] == [11, 12, 0]
    # One chart a year with its metadata, and three requests for the revision; for 2019 only the latter.
    assert (plan.most.requests, plan.least.requests) == (3 * (3 + 2), 3 * 3 + 2 * 2)
    assert plan.runs_at_once == 2
    assert everything(query) == before


def test_a_plan_contains_a_dry_run_of_the_replay(publisher: Publisher, query: Query) -> None:
    publisher.load({**MANY, "RUS": TOO_MUCH}, year=2018)
    remaining = [rule for rule in RULES.row_rules if rule.id != "plausible_range"]
    before = everything(query)
    later = RULES.model_copy(update={"row_rules": remaining})
    (comparison,) = planned(publisher, rules=later).comparisons
    assert comparison.differs
    assert comparison.outcome == Outcome(added=1, revised=0, withdrawn=0, unchanged=11, outdated=0)
    assert everything(query) == before


def test_a_load_with_missing_files_is_not_archived(publisher: Publisher, query: Query) -> None:
    publisher.load(MANY, year=2018)
    ((sha256,),) = query("select sha256 from archive.fetch_event")
    (publisher.folder / "archive" / "sha256" / str(sha256)[:2] / str(sha256)).unlink()
    result = planned(publisher)
    assert [run.action for run in result.plan.runs] == ["fetch"] * 3
    ((load_id,),) = query("select load_id from ops.load")
    assert [(each.batch.load_id, each.reason) for each in result.unreadable] == [
        (load_id, f"the archive lacks {sha256}")
    ]
    assert result.comparisons == ()


def test_the_command_prints_the_plan(
    publisher: Publisher,
    warehouse_url: URL,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    publisher.load(MANY, year=2018)
    monkeypatch.setenv("CITY_INDICATORS_ARCHIVE", (publisher.folder / "archive").as_uri())
    url = warehouse_url.render_as_string(hide_password=False)
    days = ["--from", "2018-01-01", "--to", "2020-01-01"]
    assert main(["plan", "owid_grapher", *days, "--warehouse", url]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "### Backfill of owid_grapher: 3 intervals, 2018-01-01 to 2021-01-01 (excluded)"
    assert [line.split(" | ")[1] for line in lines if line.startswith("| 20")] == ["replay", "fetch", "fetch"]

    assert main(["plan", "owid_grapher", "--from", "2200-01-01", "--warehouse", url]) == 2
    assert "cannot plan: backfill of owid_grapher: no interval" in capsys.readouterr().err
    wrong = warehouse_url.set(database="nowhere").render_as_string(hide_password=False)
    assert main(["plan", "owid_grapher", *days, "--warehouse", wrong]) == 2
    assert "the warehouse reports" in capsys.readouterr().err


def test_the_plan_counts_the_observations_of_its_source_and_years(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    for year in (2017, 2018, 2019):
        publisher.load({**MANY, "RUS": 60_000 + year}, year=year)
    count = statement("plan/observations")
    with warehouse.connect() as connection:
        years = {"first_period": "2018", "end_period": "2019"}
        (found,) = connection.execute(count, {"source": SOURCE.id, **years}).all()
        others = connection.execute(count, {"source": "world_bank", **years}).all()
    assert (found.time_period, found.observations) == ("2018", len(MANY))
    assert others == []


def test_a_load_is_replayed_only_if_declarations_rules_or_code_have_changed(
    publisher: Publisher, warehouse: Engine
) -> None:
    publisher.load(MANY, year=2018)

    def replayed(**rules: RuleSet) -> tuple[list[int], list[int]]:
        found = planned(publisher, **rules)
        years = [each.batch.interval.start.year for each in found.comparisons]
        return years, [each.interval.start.year for each in found.unchanged]

    assert replayed() == ([], [2018])
    later = RULES.model_copy(update={"row_rules": RULES.row_rules[1:]})
    assert replayed(rules=later) == ([2018], [])
    with warehouse.begin() as connection:
        connection.execute(text("update ops.load set code = 'earlier'"))
    assert replayed() == ([2018], [])
    with warehouse.begin() as connection:
        # Loads of before this was recorded.
        connection.execute(text("update ops.load set code = null"))
    assert replayed() == ([2018], [])
