"""Computes the report tables of the joint research: trends, megatrends, peers, evidence on best practices."""

import hashlib
from datetime import datetime
from typing import Any, Self

import pandas as pd
from pydantic import model_validator
from sqlalchemy import Connection

from city_indicators.analytics.evidence import DeclaredEvidence, load_evidence
from city_indicators.analytics.peers import DeclaredPeers, load_peers
from city_indicators.analytics.trends.declared import Declared, load_declared
from city_indicators.analytics.trends.megatrends import Megatrends, load_megatrends
from city_indicators.catalog.entry import Entry
from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.reference import Reference
from city_indicators.reports.best_practices import LatestCases, evidence_table
from city_indicators.reports.megatrends import megatrend_table
from city_indicators.reports.peers import features_of_cities, peer_table
from city_indicators.reports.trends import refresh_trends, trend_tables
from city_indicators.reports.write import replace
from city_indicators.warehouse.database import frame, statement
from city_indicators.warehouse.moment import NOW, Moment


class Research(Entry):
    """The declarations of the research products in include/catalog."""

    trends: Declared
    megatrends: Megatrends
    peers: DeclaredPeers
    evidence: DeclaredEvidence

    @model_validator(mode="before")
    @classmethod
    def _of_equal_weights(cls, document: Any) -> Any:
        """Read a stored declaration from before features had weights and evidence had its own."""
        if not isinstance(document, dict) or "least_features" not in document["peers"]:
            return document
        peers = document["peers"]
        likeness = {
            "features": [{"id": name, "of": name} for name in peers["features"]],
            "least_weight": peers["least_features"] / len(peers["features"]),
        }
        return document | {
            "peers": likeness | {"neighbours": peers["neighbours"]},
            "evidence": document["evidence"] | {"alike": likeness},
        }

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """Read the declarations.

        Raises:
            CatalogueError: one of them is invalid.
        """
        return cls(
            trends=load_declared(catalogue),
            megatrends=load_megatrends(catalogue),
            peers=load_peers(catalogue),
            evidence=load_evidence(catalogue),
        )

    @property
    def digest(self) -> str:
        """SHA-256 of all declarations."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def superseded(self, connection: Connection) -> bool:
        """Whether the latest reports were computed with other declarations."""
        found = connection.execute(statement("refresh/research_superseded"), {"declaration": self.digest})
        return bool(found.scalar_one())

    def refresh(
        self,
        connection: Connection,
        reference: Reference,
        indicators: list[str] | None,
        latest: LatestCases,
        refresh_id: int,
        known_at: Moment,
    ) -> None:
        """Recompute the trends of some indicators, or of all if None, and the tables that depend on them.

        Observations are those of a point in time, cases the latest. The refresh is marked with these
        declarations and the latest load of best practices.
        """
        changed = indicators is None or bool(indicators)
        if changed or not latest.is_reported:
            if changed:
                refresh_trends(connection, self.trends, reference, indicators, known_at)
                profile = frame(connection, "reports/city_peer/features", indicators=self.peers.indicators)
                replace(connection, "city_peer", self._peers(connection, profile, reference, known_at))
            trends = frame(connection, "reports/megatrend/inputs", indicators=self.megatrends.indicators)
            cases = frame(connection, "reports/best_practice_evidence/best_practices", known_at=NOW)
            rows = megatrend_table(trends, cases, self.trends, self.megatrends, reference)
            replace(connection, "megatrend", rows)
            found = evidence_table(connection, cases, self.evidence, reference, known_at)
            replace(connection, "best_practice_evidence", found)
        self._mark(connection, latest, refresh_id)

    def tables(
        self, connection: Connection, reference: Reference, profile: pd.DataFrame, known_at: datetime
    ) -> dict[str, pd.DataFrame]:
        """All tables by name, from the observations and cases known at a point in time.

        `profile` is report.city_profile of that time. Names of places and indicators, and directions of
        indicators, are the current ones.
        """
        tables = trend_tables(connection, self.trends, reference, list(reference.units), known_at)
        return tables | self.products(connection, reference, profile, tables["trend"], known_at)

    def products(
        self,
        connection: Connection,
        reference: Reference,
        profile: pd.DataFrame,
        trends: pd.DataFrame,
        known_at: Moment,
    ) -> dict[str, pd.DataFrame]:
        """The peers, the megatrends and the evidence, from what is known at a point in time.

        `profile` and `trends` are report.city_profile and report.trend of that time; of `trends`, the
        indicators of the megatrends are enough. Names and directions of indicators are the current ones.
        """
        cases = frame(connection, "reports/best_practice_evidence/best_practices", known_at=known_at)
        return {
            "city_peer": self._peers(connection, profile, reference, known_at),
            "megatrend": megatrend_table(trends, cases, self.trends, self.megatrends, reference),
            "best_practice_evidence": evidence_table(connection, cases, self.evidence, reference, known_at),
        }

    def _peers(
        self, connection: Connection, profile: pd.DataFrame, reference: Reference, known_at: Moment
    ) -> pd.DataFrame:
        normals = frame(
            connection,
            "reports/city_peer/normals",
            **reference.parameters(),
            known_at=known_at,
            indicators=self.peers.indicators,
        )
        features = features_of_cities(profile, normals, self.peers, reference)
        return peer_table(features, self.peers, reference)

    def _mark(self, connection: Connection, latest: LatestCases, refresh_id: int) -> None:
        declaration = {"declaration": self.digest}
        connection.execute(
            statement("refresh/insert_research"), {**declaration, "document": self.model_dump_json()}
        )
        marked = {"best_practice_load_id": latest.best_practice_load_id, "report_refresh_id": refresh_id}
        connection.execute(statement("refresh/mark_research"), declaration | marked)
