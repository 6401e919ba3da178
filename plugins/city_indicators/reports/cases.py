"""report.case_evidence, from the base of cases and the figures known now."""

from dataclasses import dataclass
from typing import Self

import pandas as pd
from sqlalchemy import Connection

from city_indicators.cases.evidence import DeclaredEvidence, evidence
from city_indicators.catalog.reference import Reference
from city_indicators.comparison.peers import DeclaredPeers, peers
from city_indicators.reports.names import city_names, with_names
from city_indicators.reports.peers import features_of_cities
from city_indicators.reports.trends import as_arrow
from city_indicators.warehouse.bulk import copy
from city_indicators.warehouse.database import frame, statement
from city_indicators.warehouse.moment import NOW


@dataclass(frozen=True)
class CaseBase:
    """The newest file that changed the base of cases, if any, and whether reports follow it already."""

    case_load_id: int | None
    taken_in: bool

    @classmethod
    def of(cls, connection: Connection) -> Self:
        """The base as it is now."""
        return cls(*connection.execute(statement("report/newest_case_load")).one())


def refresh_evidence(
    connection: Connection, declared: DeclaredEvidence, alike: DeclaredPeers, reference: Reference
) -> None:
    """Write the evidence of all cases anew."""
    cases = frame(connection, "report/case_links")
    figures = frame(
        connection,
        "report/evidence_inputs",
        **reference.parameters(),
        known_at=NOW,
        indicators=sorted(cases["indicator"].dropna().unique()),
    )
    every = alike.model_copy(update={"neighbours": len(reference.cities)})
    near = peers(features_of_cities(connection, every), every)
    nearest = {str(city): list(rows["peer_ref_area"]) for city, rows in near.groupby("ref_area")}
    directions: dict[str, str] = dict(frame(connection, "report/directions").itertuples(index=False))
    rows = evidence(cases, figures, nearest, directions, declared)
    connection.execute(statement("report/clear_case_evidence"))
    copy(connection, "report.case_evidence", [as_arrow(_named(connection, rows, cases, reference))])


def _named(
    connection: Connection, rows: pd.DataFrame, cases: pd.DataFrame, reference: Reference
) -> pd.DataFrame:
    """The rows with names of indicators and cities; a city that is not ours as the case writes it."""
    names = frame(connection, "export/code_names")
    named = with_names(rows, "indicator", "indicator", names[names["list"] == "indicator"])
    named = with_names(named, "ref_area", "city", city_names(reference), how="left")
    written = named["case_id"].map(cases.set_index("case_id")["city"])
    in_three = [f"city_name_{language}" for language in ("en", "ru", "zh")]
    return named.assign(**{name: named[name].fillna(written) for name in in_three})
