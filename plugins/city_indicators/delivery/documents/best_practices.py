"""Reads best practices as an edition knew them, and the evidence that its data give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

import pandas as pd
from sqlalchemy import Connection

from city_indicators.catalog.reference import Reference
from city_indicators.core.languages import DECLARED
from city_indicators.delivery.web.practice_charts import observed
from city_indicators.reports.best_practices import evidence_table
from city_indicators.reports.past import research_as_of
from city_indicators.warehouse.database import frame, rows, rows_of

Row = dict[str, Any]
TERMS: Final = {
    "cycle": "cycles",
    "stage": "stages",
    "status": "statuses",
    "field": "fields",
    "innovation_type": "innovation_types",
    "innovation_kind": "innovation_kinds",
}
"""The columns with one term, and the vocabulary of each."""
LISTS: Final = {"sdgs": ("sdgs", "sdg_names"), "criteria": ("criteria", "criterion_names")}
"""The columns with several terms: the vocabulary, and the column of the names."""


@dataclass(frozen=True)
class Case:
    """A best practice: its facts, with the names of its terms as in report.best_practice, and its evidence.

    `evidence` is the row of report.best_practice_evidence with publisher and licence of its source; None for
    a case without an indicator or a start. `observations` are those compared: ref_area, year and value.
    """

    facts: Row
    evidence: Row | None
    observations: pd.DataFrame

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.facts["case_id"])

    @property
    def is_compared(self) -> bool:
        """Whether there was enough data to compare the city with its peers."""
        return self.evidence is not None and self.evidence["did"] is not None


@dataclass(frozen=True)
class BestPractices:
    """The best practices that an edition knew, by id.

    `are_frozen`: the evidence is that of the edition's table, not computed again.
    """

    connection: Connection
    known_at: datetime
    facts: dict[str, Row]
    evidence: dict[str, Row]
    are_frozen: bool

    @classmethod
    def of(cls, connection: Connection, reference: Reference, edition: Row) -> Self:
        """Read them and the evidence on them; compute it for an edition that is older than its table.

        `edition` is the row of report.edition.
        """
        known_at = edition["known_at"]
        terms = {(row["vocabulary"], row["term"]): row for row in rows(connection, "documents/terms")}
        found = rows(connection, "documents/cases", known_at=known_at)
        facts = {row["case_id"]: _named(row, terms) for row in found}
        key = {name: edition[name] for name in ("rating", "edition")}
        frozen = rows(connection, "documents/evidence", **key)
        evidence = frozen or (_evidence(connection, reference, known_at) if found else [])
        by_case = {row["case_id"]: row for row in evidence}
        return cls(connection, known_at, facts, by_case, are_frozen=bool(frozen))

    def compared(self) -> list[str]:
        """The ids of the cases with enough data to compare the city with its peers."""
        return [case for case, row in self.evidence.items() if row["did"] is not None]

    def __getitem__(self, case: str) -> Case:
        """A case by its id.

        Raises:
            KeyError: the edition did not know it.
        """
        facts, evidence = self.facts[case], self.evidence.get(case)
        if evidence is None or evidence["did"] is None:
            return Case(facts, evidence, observed([]))
        series = rows(
            self.connection,
            "documents/case_series",
            known_at=self.known_at,
            cities=[evidence["ref_area"], *evidence["peer_cities"]],
            **{name: evidence[name] for name in ("indicator", "source", "geo_basis", "unit_measure")},
            **{name: str(evidence[name]) for name in ("first_year", "last_year")},
        )
        (source,) = rows(self.connection, "export/sources", sources=[evidence["source"]])
        published = {name: source[name] for name in ("publisher", "licence")}
        return Case(facts, evidence | published, observed(series))


def _evidence(connection: Connection, reference: Reference, known_at: datetime) -> list[Row]:
    """The rows of report.best_practice_evidence from the observations and declarations of a moment."""
    research = research_as_of(connection, known_at)
    if research is None:
        return []
    cases = frame(connection, "reports/best_practice_evidence/best_practices", known_at=known_at)
    table = evidence_table(connection, cases, research.evidence, reference, known_at)
    return rows_of(table)


def _named(row: Row, terms: Mapping[tuple[str, str], Row]) -> Row:
    """A case with the names of its terms in each language."""
    names: Row = {}
    for column, vocabulary in TERMS.items():
        term = terms.get((vocabulary, row[column]), {})
        names |= {f"{column}_name_{language}": term.get(f"name_{language}") for language in DECLARED}
    for column, (vocabulary, named) in LISTS.items():
        listed = [terms[vocabulary, each] for each in _ordered(row[column], vocabulary, terms)]
        names |= {
            f"{named}_{language}": [term[f"name_{language}"] for term in listed] for language in DECLARED
        }
    return row | names


def _ordered(
    chosen: Sequence[str] | None, vocabulary: str, terms: Mapping[tuple[str, str], Row]
) -> list[str]:
    return [term for of, term in terms if of == vocabulary and term in (chosen or ())]
