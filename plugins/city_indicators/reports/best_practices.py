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
    before = frame(
        connection,
        "reports/best_practice_evidence/features_before",
        **reference.parameters(),
        known_at=known_at,
        indicators=declared.alike.indicators,
        years=[int(year) for year in cases["start_year"].dropna().unique()],
    )

    def alike(year: int) -> dict[str, list[str]]:
        known = before[before["year"].eq(year)]
        of_cities = set(cases.loc[cases["start_year"].eq(year), "ref_area"].dropna())
        features = features_of_cities(known, known, declared.alike, reference)
        return nearest(features, declared.alike, of_cities)

    countries = {city.ref_area: city.country for city in reference.cities}

    def observed(wanted: Cities) -> dict[str, pd.DataFrame]:
        pairs = [(indicator, city) for indicator, cities in wanted.items() for city in sorted(cities)]
        rows = read(
            connection,
            "reports/best_practice_evidence/inputs",
            OBSERVATIONS,
            **reference.parameters(),
            known_at=known_at,
            indicators=list(wanted),
            indicator_of_pair=[indicator for indicator, _ in pairs],
            city_of_pair=[city for _, city in pairs],
            country_of_pair=[countries[city] for _, city in pairs],
            cities_with_cases=sorted(cases["ref_area"].dropna().unique()),
        ).to_pandas()
        return {name: rows[rows["indicator"] == name] for name in wanted}

    rows = evidence(cases, observed, cache(alike), directions, declared)
    return _named(connection, rows, cases, reference)


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
