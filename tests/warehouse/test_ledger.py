"""The ledger: which revision is loaded, and which stored observations a load is compared with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest
from sqlalchemy import Engine, text

from city_indicators.core.intervals import Interval
from city_indicators.ingest.load import publish_load
from city_indicators.warehouse import held, ledger
from city_indicators.warehouse.database import statement
from city_indicators.warehouse.ledger import Run, Scope
from tests.queries import rows
from tests.warehouse.conftest import CATALOGUE, NOON
from tests.warehouse.entered import LoadInput, Observation, enter, snapshots

SOURCE: Final = "owid_grapher"
OF: Final = "declaration of today"
NOTHING: Final = dict.fromkeys(
    ("read_rows", "accepted_rows", "rejected_rows", "empty_cells", "out_of_scope_rows"), 0
)
PUBLISHED: Final = """
update ops.load
set
    state = 'published', published_at = :at,
    added = 0, revised = 0, withdrawn = 0, unchanged = 0, outdated = 0
where load_id = :load_id
"""


def years(first: int, last: int) -> Interval:
    return Interval(date(first, 1, 1), date(last + 1, 1, 1))


@pytest.fixture
def loaded(warehouse: Engine) -> Callable[..., int]:
    """Record a load of some years, published `minute` minutes after NOON unless it has another state."""

    def record(
        revision: str | None,
        interval: Interval,
        minute: int = 0,
        declaration: str = OF,
        source: str = SOURCE,
        state: str = "published",
    ) -> int:
        load = {
            **NOTHING,
            **{
                "source": source,
                "dag_id": "ingest",
                "run_id": f"run {revision}",
                "indicators": ["ENERGY_PC"],
            },
            **{"interval_start": interval.start, "interval_end": interval.end, "partial": False},
            **{"state": "refused" if state == "refused" else "validated", "refusals": [], "warnings": []},
            **{"validated_at": NOON, "staged_path": "", "staged_sha256": None},
            **{"revision": revision, "declaration": declaration, "code": None},
        }
        with warehouse.begin() as connection:
            load_id: int = connection.execute(statement("ledger/insert_load"), load).scalar_one()
            if state == "published":
                at = NOON + timedelta(minutes=minute)
                connection.execute(text(PUBLISHED), {"load_id": load_id, "at": at})
        return load_id

    return record


@pytest.fixture
def revision_of(warehouse: Engine) -> Callable[..., str | None]:
    def loaded_revision(interval: Interval, declaration: str = OF, source: str = SOURCE) -> str | None:
        with warehouse.connect() as connection:
            return ledger.loaded_revision(connection, source, interval, declaration)

    return loaded_revision


def test_the_loaded_revision_is_that_of_the_load_published_last(loaded: Any, revision_of: Any) -> None:
    loaded("of 12:05", years(2019, 2019), minute=5)
    loaded("of 12:02", years(2019, 2019), minute=2)
    assert revision_of(years(2019, 2019)) == "of 12:05"
    # Of two published at the same time, the one that was recorded last.
    loaded("also of 12:05", years(2019, 2019), minute=5)
    assert revision_of(years(2019, 2019)) == "also of 12:05"


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        # Years beside the interval do not matter, a single year in common does.
        ((2015, 2018), "first"),
        ((2022, 2024), "first"),
        ((2015, 2019), None),
        ((2021, 2024), None),
        ((2020, 2020), None),
        # Only a load of all years has the revision of all.
        ((2019, 2021), "later"),
        ((2018, 2022), "later"),
        ((2019, 2020), None),
        ((2020, 2021), None),
    ],
)
def test_a_later_load_must_cover_the_complete_interval(
    loaded: Any, revision_of: Any, later: tuple[int, int], expected: str | None
) -> None:
    loaded("first", years(2019, 2021))
    loaded("later", years(*later), minute=1)
    assert revision_of(years(2019, 2021)) == expected


def test_the_loaded_revision_is_that_of_a_published_load_of_the_source_as_declared_today(
    loaded: Any, revision_of: Any
) -> None:
    loaded("ours", years(2019, 2019))
    loaded("of another source", years(2019, 2019), minute=1, source="world_bank")
    loaded("refused", years(2019, 2019), minute=2, state="refused")
    loaded("not yet published", years(2019, 2019), minute=3, state="validated")
    assert revision_of(years(2019, 2019)) == "ours"
    assert revision_of(years(2019, 2019), source="world_bank") == "of another source"
    assert revision_of(years(2019, 2019), declaration="changed") is None
    assert revision_of(years(2019, 2019), source="un_wup") is None
    loaded("as declared before", years(2019, 2019), minute=4, declaration="before")
    assert revision_of(years(2019, 2019)) is None


@pytest.fixture
def stored(warehouse: Engine, tmp_path: Path) -> None:
    """Energy and emissions of Russia from 2016 to 2020 from one source, energy of 2019 from another."""
    of_years = [Observation("RUS", str(year), year) for year in range(2016, 2021)]
    emissions = [each._replace(indicator="CO2_PC") for each in of_years]
    both = ("CO2_PC", "ENERGY_PC")
    given = LoadInput(SOURCE, range(2016, 2021), [*of_years, *emissions], indicators=both)
    other = LoadInput("world_bank", range(2019, 2020), [Observation("RUS", "2019", 7)])
    for each in (given, other):
        publish_load(enter(warehouse, tmp_path, each), tmp_path, warehouse, lambda: NOON)


SCOPE: Final = Scope(SOURCE, ("ENERGY_PC",), years(2018, 2019))


@pytest.mark.usefixtures("stored")
def test_a_complete_load_must_give_the_stored_observations_of_its_scope_again(warehouse: Engine) -> None:
    with warehouse.connect() as connection:
        known = held.known_observations(connection, SCOPE, 1)
    found = held.stored_keys(known, SCOPE)
    partial = held.stored_keys(known, replace(SCOPE, partial=True))
    assert sorted(found.itertuples(index=False, name=None)) == [
        ("RUS", "ENERGY_PC", "2018"),
        ("RUS", "ENERGY_PC", "2019"),
    ]
    assert (list(partial.columns), len(partial)) == (["ref_area", "indicator", "time_period"], 0)


@pytest.mark.usefixtures("stored")
def test_a_load_is_compared_with_every_source_from_some_years_before_it(warehouse: Engine) -> None:
    with warehouse.connect() as connection:
        found = held.known_observations(connection, SCOPE, 1)
    columns = ["ref_area", "indicator", "time_period", "source", "obs_value", "unit_measure"]
    assert list(found.columns) == columns
    assert sorted(found.itertuples(index=False, name=None)) == [
        ("RUS", "ENERGY_PC", "2017", SOURCE, 2017, "KWH_PC"),
        ("RUS", "ENERGY_PC", "2018", SOURCE, 2018, "KWH_PC"),
        ("RUS", "ENERGY_PC", "2019", SOURCE, 2019, "KWH_PC"),
        ("RUS", "ENERGY_PC", "2019", "world_bank", 7, "KWH_PC"),
    ]


def test_a_staged_file_is_named_after_its_run_and_part() -> None:
    run_id = "scheduled__2019-01-01T00:00:00+00:00"
    folder = "ingest_un_wup/scheduled__2019-01-01T000000+0000"
    assert Run("ingest_un_wup", run_id).staged_path == f"{folder}.parquet"
    assert Run("ingest_un_wup", run_id, "form 2").staged_path == f"{folder}/form 2.parquet"


def test_a_scope_ends_before_the_year_after_it() -> None:
    assert SCOPE.parameters() == {
        "source": SOURCE,
        "indicators": ["ENERGY_PC"],
        "first_period": "2018",
        "end_period": "2020",
        "partial": False,
    }


def test_rejected_rows_warnings_and_places_are_recorded_with_their_load(
    loaded: Any, warehouse: Engine
) -> None:
    load_id = loaded("r", years(2019, 2019))
    rejected = {
        **{"pointer": "line 2", "ref_area": None, "indicator": "ENERGY_PC"},
        **{"time_period": "2019", "value_as_published": "n/a", "rule": "is_a_number"},
        **{"reason": "n/a is not a number", "raw_row": "{}"},
    }
    warning = {"ref_area": "RUS", "indicator": "ENERGY_PC", "time_period": "2019"}
    warning |= {"rule": "other_sources_agree", "reason": "differs"}
    place = {"country": "RUS", "place": "Moskva", "records": 3, "candidates": {"moscow": 80}}
    with warehouse.begin() as connection:
        nothing = pd.DataFrame(columns=list(rejected))
        ledger.record_rejected(connection, load_id, SOURCE, nothing)
        ledger.record_warnings(connection, load_id, pd.DataFrame(columns=list(warning)))
        ledger.record_unmatched(connection, load_id, [])
        ledger.record_corrections(connection, load_id, [])
        ledger.record_warnings(connection, load_id, pd.DataFrame([warning, warning]))
        ledger.record_unmatched(connection, load_id, [place])
        fetch_ids = ledger.record_fetches(connection, snapshots(LoadInput(SOURCE, range(2019, 2020), [])))
        row = pd.DataFrame([rejected]).assign(fetch_id=[*fetch_ids.values()])
        ledger.record_rejected(connection, load_id, SOURCE, row)
    found = rows(warehouse, "select load_id, source, ref_area, rule, reason from quality.rejected_row")
    assert found == [(load_id, SOURCE, None, "is_a_number", "n/a is not a number")]
    # A warning that two rows give is recorded once.
    assert rows(warehouse, "select load_id, ref_area, rule, reason from quality.warning") == [
        (load_id, "RUS", "other_sources_agree", "differs")
    ]
    assert rows(
        warehouse, "select load_id, country, place, records, candidates from quality.unmatched_place"
    ) == [(load_id, "RUS", "Moskva", 3, {"moscow": 80})]


def test_a_validation_is_recorded_as_columns_and_as_a_document(loaded: Any, warehouse: Engine) -> None:
    load_id, at = loaded("r", years(2019, 2019)), datetime(2026, 1, 2, tzinfo=UTC)
    summary = {"suite": "owid_grapher.rows", "success": False, "evaluated": 11, "failed": 4}
    with warehouse.begin() as connection:
        ledger.record_validation(connection, load_id, summary, {"results": [1]}, at)
    found = "select load_id, suite, success, evaluated, failed, validated_at, result from quality.validation"
    assert rows(warehouse, found) == [(load_id, "owid_grapher.rows", False, 11, 4, at, {"results": [1]})]


def test_the_usual_revision_is_the_median_over_loads_of_what_nine_tenths_stay_within(
    warehouse: Engine, tmp_path: Path
) -> None:
    """Three loads revise ten places. Sizes are relative to the larger value.

    The first takes 0.3, 0.2 and 0.1 from three places: within 0.3. The second halves place 0 and takes a
    hundredth from the others: nine tenths stay within 0.01. The third takes 0.4 from all. The median of the
    three is 0.3. Each has neighbours, which are not compared: other years, indicators and sources, and two
    places whose unit changes with the first.
    """
    values = [1000.0 * (place + 1) for place in range(10)]
    first = [value * by for value, by in zip(values, [0.7, 0.8, 0.9, *[1] * 7], strict=True)]
    second = [first[0] / 2, *(value * 0.99 for value in first[1:])]
    third = [value * 0.6 for value in second]
    places = list(CATALOGUE.cities)
    neighbours = [
        *(Observation(place, "2018", 7.0) for place in places[:10]),
        *(Observation(place, "2019", 77.0, "CO2_PC", "T_PC") for place in places[:10]),
    ]
    other = LoadInput(
        "world_bank", range(2019, 2020), [Observation(place, "2019", 777.0) for place in places[:10]]
    )
    publish_load(enter(warehouse, tmp_path, other), tmp_path, warehouse, lambda: NOON)
    for minute, given in enumerate((values, first, second, third)):
        unit, value = ("KWH_PC", 5.0) if minute < 1 else ("MWH_PC", 5000.0)
        revised = [Observation(places[place], "2019", value) for place, value in enumerate(given)]
        moved = [Observation(place, "2019", value, unit_measure=unit) for place in places[10:12]]
        observations = [*revised, *neighbours, *moved]
        load = LoadInput(
            SOURCE, range(2018, 2020), observations, minute, indicators=("CO2_PC", "ENERGY_PC"), partial=True
        )
        published_at = NOON + timedelta(days=1, minutes=minute)
        publish_load(enter(warehouse, tmp_path, load), tmp_path, warehouse, lambda at=published_at: at)
    scope = Scope(SOURCE, ("ENERGY_PC",), years(2019, 2019))
    with warehouse.connect() as connection:
        assert held.usual_revisions(connection, scope) == {"ENERGY_PC": pytest.approx(0.3)}
        # Others of the load, which it has not revised so far, have none; nor has what is not of the load.
        both = Scope(SOURCE, ("CO2_PC", "ENERGY_PC"), years(2019, 2019))
        assert held.usual_revisions(connection, both) == {"ENERGY_PC": pytest.approx(0.3)}
        for another in (Scope(SOURCE, ("CO2_PC",), years(2019, 2019)), replace(scope, source="world_bank")):
            assert held.usual_revisions(connection, another) == {}


def test_a_revision_from_zero_has_a_size_and_of_two_loads_the_smaller_counts(
    warehouse: Engine, tmp_path: Path
) -> None:
    """From 0 to 4 the size is 1, from 4 to 2 it is 0.5."""
    for minute, value in enumerate((0.0, 4.0, 2.0)):
        load = LoadInput(SOURCE, range(2019, 2020), [Observation("RUS", "2019", value)], minute)
        published_at = NOON + timedelta(days=1, minutes=minute)
        publish_load(enter(warehouse, tmp_path, load), tmp_path, warehouse, lambda at=published_at: at)
        with warehouse.connect() as connection:
            found = held.usual_revisions(connection, Scope(SOURCE, ("ENERGY_PC",), years(2019, 2019)))
        assert found == [{}, {"ENERGY_PC": 1}, {"ENERGY_PC": 0.5}][minute]
