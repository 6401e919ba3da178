"""The stages of reports: peers, evidence, inputs of a rating, one rating, a view, a refresh.

The numbers are synthetic, and written by SQL. 12,000 cities need 6 GB of disk.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from rich.table import Table
from sqlalchemy import URL, Engine

from benchmarks.scale.measure import add, measured
from benchmarks.servers import temporary_warehouse
from city_indicators.analytics.evidence import load_evidence
from city_indicators.analytics.peers import CLIMATE, load_peers, peers
from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.read import load_methods
from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.catalog.models import City
from city_indicators.reports.best_practices import evidence_table
from city_indicators.reports.past import reference_as_of
from city_indicators.reports.plan import Plan
from city_indicators.reports.rated import RatedTables, rate_and_store
from city_indicators.reports.ratings import batches, in_batches, observed, rating_tables
from city_indicators.reports.refresh import refresh, refresh_as_planned, refresh_or_plan
from city_indicators.reports.research import Research
from city_indicators.reports.tables import Vintage
from city_indicators.warehouse.catalog_sync import sync
from city_indicators.warehouse.database import engine
from city_indicators.warehouse.moment import NOW

AT: Final = datetime(2026, 1, 3, tzinfo=UTC)
YEARS: Final = range(2000, 2025)
PERIODS: Final = [str(year) for year in YEARS]
UNKNOWN: Final = 0.2
"""The share of features without a value."""
RATING: Final = "climate_world"
MORE: Final = ("GDP_PC_PPP", "CO2_PC")
"""Besides the indicators of RATING, so that there are twenty."""
CASES: Final = 200
REFRESHED: Final = 480
"""With more cities than this, two years of all ratings are refreshed and not all years."""
EARLY: Final = datetime(2001, 1, 3, tzinfo=UTC)
"""A refresh at this time rates the first two years."""

OBSERVED: Final = """
insert into archive.snapshot values (repeat('0', 64), 0, 'text/csv') on conflict do nothing;
insert into ops.load (
    source, dag_id, run_id, interval_start, interval_end, indicators, state, refusals, read_rows,
    accepted_rows, rejected_rows, empty_cells, out_of_scope_rows, validated_at, staged_path, published_at,
    added, revised, withdrawn, unchanged, outdated
)
select
    'world_bank', 'scale', 'scale', '2000-01-01', '2025-01-01', '{{}}', 'published', '{{}}', 0, 0, 0, 0, 0,
    '2026-01-01', '', '2026-01-02', 0, 0, 0, 0, 0;
insert into core.observation_block (source, indicator, time_period, observations, load_id)
select 'world_bank', indicator, year::text, {cities}, (select max(load_id) from ops.load)
from unnest('{{{indicators}}}'::text[]) as indicator, generate_series(2000, 2024) as year;
select setseed(0.5);
insert into core.observation_version (
    ref_area, indicator, time_period, source, version, freq, obs_value, unit_measure, obs_status, geo_basis,
    withdrawn, load_id, known_from
)
select
    city.ref_area, block.indicator, block.time_period, 'world_bank', 1, 'A',
    case when indicator.range_max > 1e6 then 1e5 * (1 + 90 * random())
        else indicator.range_min + (indicator.range_max - indicator.range_min) * (0.1 + 0.8 * random()) end,
    indicator.unit_measure, 'A', 'city', false, block.load_id, '2026-01-02'
from core.observation_block as block
inner join catalog.indicator as indicator using (indicator)
cross join catalog.city as city
where city.ref_area like 'scale-%' and random() < 0.95
order by block.indicator, block.time_period, city.ref_area;
insert into core.observation_state
select
    block.block_id, version.ref_area, 1, version.obs_value, version.unit_measure, version.obs_status,
    version.geo_basis, version.load_id, 0
from core.observation_version as version
inner join core.observation_block as block using (indicator, time_period, source)
order by block.block_id, version.ref_area;
analyze;
"""
VIEW: Final = "select count(*) from report.source_choice"


def fill(url: URL, cities: int) -> None:
    """Write the catalogue with invented cities, and their observations, into an empty warehouse."""
    catalogue = load_catalogue()
    shipped = list(catalogue.cities.values())
    invented = [_like(shipped[number % len(shipped)], number) for number in range(cities)]
    sync(url, catalogue.model_copy(update={"cities": {city.ref_area: city for city in invented}}))
    indicators = ",".join([*method(catalogue).used, *MORE])
    with engine(url).begin() as connection:
        connection.exec_driver_sql(OBSERVED.format(cities=cities, indicators=indicators).replace("%", "%%"))


def _like(city: City, number: int) -> City:
    name = f"Scale {number}"
    return city.model_copy(
        update={"ref_area": f"scale-{number:05}", "name_en": name, "name_ru": name, "name_zh": name}
    )


def method(catalogue: Catalogue) -> Method:
    """The shipped method that is measured."""
    return load_methods(catalogue)[RATING]


def peers_of_cities(cities: int) -> None:
    """The neighbours of all cities, by features of which a fifth are unknown."""
    catalogue, random = load_catalogue(), np.random.default_rng(0)
    declared = load_peers(catalogue)
    classes = sorted({city.climate_class for city in catalogue.cities.values()})
    features: dict[str, Any] = {"ref_area": [f"scale-{number:05}" for number in range(cities)]}
    for feature in declared.features:
        numbers = random.lognormal(10, 1.5, cities)
        numbers[random.random(cities) < UNKNOWN] = np.nan
        features[feature.id] = random.choice(classes, cities) if feature.of == CLIMATE else numbers
    peers(pd.DataFrame(features), declared, declared.neighbours)


def evidence_on_cases(url: URL, cities: int) -> None:
    """The evidence on cases of random cities, indicators and years."""
    catalogue, random = load_catalogue(), np.random.default_rng(0)
    numbers = random.integers(0, cities, CASES)
    cases = pd.DataFrame(
        {
            "case_id": [f"case {number}" for number in range(CASES)],
            "version": 1,
            "city": "invented",
            "ref_area": [f"scale-{number:05}" for number in numbers],
            "indicator": random.choice(method(catalogue).used, CASES),
            "start_year": random.integers(2006, 2018, CASES),
        }
    )
    with engine(url).connect() as connection:
        reference = reference_as_of(connection).reference
        evidence_table(connection, cases, load_evidence(catalogue), reference, NOW)


def inputs_of_rating(url: URL) -> None:
    """The candidate observations of all years of a rating."""
    how = method(load_catalogue())
    with engine(url).connect() as connection:
        reference = reference_as_of(connection).reference
        used = observed(connection, reference, how.used, PERIODS, how.max_age_years, Vintage())
        used.candidates(PERIODS, how.max_age_years)


def first_batch(url: URL) -> None:
    """The tables of a rating in its first batch of years, with all analyses; stored nowhere."""
    how = method(load_catalogue())
    with engine(url).connect() as connection:
        reference = reference_as_of(connection).reference
        first = batches(PERIODS, len(reference.cities))[:1]
        batch = next(in_batches(connection, how, reference, first, Vintage()))
        rating_tables(batch, reference)


def counted_view(url: URL) -> None:
    """The number of rows of a view that ranks the sources of each observation."""
    with engine(url).connect() as connection:
        connection.exec_driver_sql(VIEW)


def everything(url: URL) -> None:
    """A refresh of all reports."""
    catalogue = load_catalogue()
    refresh(engine(url), load_methods(catalogue), Research.of(catalogue), AT, rebuild=True)


def rated_by_tasks(url: URL, staging: Path) -> None:
    """The ratings of the first two years, as the tasks of a refresh compute and store them."""
    warehouse, methods, plan = _planned(url)
    stored = RatedTables(staging, plan)
    for work in plan.work():
        rate_and_store(warehouse, methods, plan, work, stored)


def replaced(url: URL, staging: Path) -> None:
    """The refresh of all reports with these ratings."""
    warehouse, methods, plan = _planned(url)
    research = Research.of(load_catalogue())
    refresh_as_planned(warehouse, methods, research, EARLY, plan, RatedTables(staging, plan))


def _planned(url: URL) -> tuple[Engine, dict[str, Method], Plan]:
    catalogue = load_catalogue()
    warehouse, methods = engine(url), load_methods(catalogue)
    plan = refresh_or_plan(warehouse, methods, Research.of(catalogue), EARLY, rebuild=True)
    if isinstance(plan, Plan):
        return warehouse, methods, plan
    raise SystemExit("too few cities for several tasks")


def add_rows(table: Table, cities: int) -> None:
    """Measure all stages with this number of cities, on a new warehouse; add a row for each."""
    with temporary_warehouse() as made:
        url = made.url
        fill(url, cities)
        stages: dict[str, tuple[Callable[..., None], tuple[object, ...]]] = {
            "peers": (peers_of_cities, (cities,)),
            f"evidence on {CASES} cases": (evidence_on_cases, (url, cities)),
            f"inputs of {RATING}, {len(YEARS)} years": (inputs_of_rating, (url,)),
            "source_choice, counted": (counted_view, (url,)),
            "one rating, first batch of years": (first_batch, (url,)),
        }
        if cities <= REFRESHED:
            stages["refresh of everything"] = (everything, (url,))
        else:
            stages["two years of all ratings"] = (rated_by_tasks, (url, made.folder / "staged"))
            stages["refresh with these"] = (replaced, (url, made.folder / "staged"))
        for stage, (function, arguments) in stages.items():
            add(table, cities, stage, measured(function, *arguments, server=made.server))
