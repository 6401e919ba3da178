"""Computes report.best_practice_evidence from the cases and observations known at a point in time."""

from dataclasses import dataclass
from functools import cache
from typing import Final, Self

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection

from city_indicators.analytics.evidence import Cities, DeclaredEvidence, evidence
from city_indicators.analytics.peers import nearest
from city_indicators.catalog.reference import Reference
from city_indicators.core.languages import DECLARED
from city_indicators.reports.names import city_names, with_names
from city_indicators.reports.peers import features_of_cities
from city_indicators.reports.ratings import observed
from city_indicators.reports.tables import Vintage
from city_indicators.warehouse.bulk import TEXT, read
from city_indicators.warehouse.database import frame, statement
from city_indicators.warehouse.moment import Moment

OBSERVATIONS: Final = pa.schema(
    [
        *((name, TEXT) for name in ("ref_area", "indicator", "time_period", "obs_status", "unit_measure")),
        *((name, TEXT) for name in ("geo_basis", "source")),
        ("obs_value", pa.float64()),
        ("city_level", pa.bool_()),
    ]
)
FARTHEST: Final = 100
"""How many years before its start a case may have its latest feature: more than any source has."""


@dataclass(frozen=True)
class LatestCases:
    """The latest load that changed best practices, if any, and whether the reports include it."""

    best_practice_load_id: int | None
    is_reported: bool

    @classmethod
    def of(cls, connection: Connection) -> Self:
        """The current state."""
        return cls(*connection.execute(statement("refresh/newest_best_practice_load")).one())


def evidence_table(
    connection: Connection,
    cases: pd.DataFrame,
    declared: DeclaredEvidence,
    reference: Reference,
    known_at: Moment,
) -> pd.DataFrame:
    """The evidence on all cases, with the columns of the table; peers are those before the start of a case.

    Directions and names of indicators are the current ones.
    """
    directions: dict[str, str] = dict(
        frame(connection, "reports/best_practice_evidence/directions").itertuples(index=False)
    )

    @cache
    def before() -> pd.DataFrame:
        """The preferred values of the features that were the latest in the year before each start."""
        years = [str(int(year) - 1) for year in cases["start_year"].dropna().unique()]
        used = observed(connection, reference, declared.alike.indicators, years, FARTHEST, Vintage(known_at))
        return used.preferred(years, FARTHEST)

    def alike(year: int) -> dict[str, list[str]]:
        known = before()[before()["time_period"].eq(str(year - 1))]
        of_cities = set(cases.loc[cases["start_year"].eq(year), "ref_area"].dropna())
        features = features_of_cities(known, known, declared.alike, reference)
        return nearest(features, declared.alike, of_cities)

    with_cases = set(cases["ref_area"].dropna())

    def series(wanted: Cities) -> dict[str, pd.DataFrame]:
        return _series(connection, wanted, with_cases, reference, known_at)

    rows = evidence(cases, series, cache(alike), directions, declared)
    return _named(connection, rows, cases, reference)


def _series(
    connection: Connection, wanted: Cities, with_cases: set[str], reference: Reference, known_at: Moment
) -> dict[str, pd.DataFrame]:
    """The observations of cities by indicator; of those with cases also those of their countries."""
    countries = {city.ref_area: city.country for city in reference.cities}
    looked_up = [
        (indicator, city, place)
        for indicator, cities in wanted.items()
        for city in sorted(cities)
        for place in ([city, countries[city]] if city in with_cases else [city])
    ]
    rows = read(
        connection,
        "reports/best_practice_evidence/inputs",
        OBSERVATIONS,
        **reference.parameters(),
        city_level=list(reference.city_level),
        known_at=known_at,
        indicators=[indicator for indicator, _, _ in looked_up],
        cities_of_places=[city for _, city, _ in looked_up],
        places=[place for _, _, place in looked_up],
        cities_with_cases=sorted(with_cases),
    ).to_pandas()
    return {name: rows[rows["indicator"] == name] for name in wanted}


def _named(
    connection: Connection, rows: pd.DataFrame, cases: pd.DataFrame, reference: Reference
) -> pd.DataFrame:
    """Add names of indicators and cities; a city outside the catalogue is named as in the case."""
    names = frame(connection, "export/code_names")
    named = with_names(rows, "indicator", "indicator", names[names["list"] == "indicator"])
    named = with_names(named, "ref_area", "city", city_names(reference), how="left")
    written = named["case_id"].map(cases.set_index("case_id")["city"])
    names_of_city = [f"city_name_{language}" for language in DECLARED]
    return named.assign(**{name: named[name].fillna(written) for name in names_of_city})
