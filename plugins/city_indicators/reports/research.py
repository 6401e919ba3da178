"""The products of the joint research as report tables: trends, megatrends, peers, evidence of cases."""

import hashlib
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Connection

from city_indicators.cases.evidence import DeclaredEvidence, load_evidence
from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.reference import Reference
from city_indicators.comparison.peers import DeclaredPeers, load_peers
from city_indicators.reports.cases import CaseBase, refresh_evidence
from city_indicators.reports.megatrends import refresh_megatrends
from city_indicators.reports.peers import refresh_peers
from city_indicators.reports.trends import refresh_trends
from city_indicators.trends.declared import Declared, load_declared
from city_indicators.trends.megatrends import Megatrends, load_megatrends
from city_indicators.warehouse.database import statement


@dataclass(frozen=True)
class Research:
    """What include/catalog declares of it."""

    trends: Declared
    megatrends: Megatrends
    peers: DeclaredPeers
    evidence: DeclaredEvidence

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """Read the declarations.

        Raises:
            CatalogueError: one of them is wrong.
        """
        return cls(
            load_declared(catalogue), load_megatrends(catalogue), load_peers(catalogue), load_evidence()
        )

    @property
    def digest(self) -> str:
        """SHA-256 of all that is declared."""
        declared = (self.trends, self.megatrends, self.peers, self.evidence)
        return hashlib.sha256("\n".join(part.model_dump_json() for part in declared).encode()).hexdigest()

    def superseded(self, connection: Connection) -> bool:
        """Whether reports were made, and the last ones by another declaration than this."""
        found = connection.execute(statement("report/research_superseded"), {"declaration": self.digest})
        return bool(found.scalar_one())

    def refresh(
        self,
        connection: Connection,
        reference: Reference,
        indicators: set[str] | None,
        base: CaseBase,
        refresh_id: int,
    ) -> None:
        """Write the trends of some indicators anew, of all if None, and what follows from them and cases.

        The refresh is marked as made by this declaration and from this base of cases.
        """
        changed = indicators is None or bool(indicators)
        if changed:
            chosen = None if indicators is None else sorted(indicators)
            refresh_trends(connection, self.trends, reference, chosen)
            refresh_peers(connection, self.peers, reference)
        if changed or not base.taken_in:
            refresh_megatrends(connection, self.trends, self.megatrends, reference)
            refresh_evidence(connection, self.evidence, self.peers, reference)
        marked = {
            "declaration": self.digest,
            "case_load_id": base.case_load_id,
            "report_refresh_id": refresh_id,
        }
        connection.execute(statement("report/mark_research"), marked)
