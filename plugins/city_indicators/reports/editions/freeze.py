"""Proposes an edition of a rating, and freezes it when it is approved."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

import pandas as pd
from sqlalchemy import Connection

from city_indicators.analytics.ratings.bounds import ACCEPTED, DRAFT
from city_indicators.analytics.ratings.method import Method
from city_indicators.core.errors import EditionError
from city_indicators.reports.editions.contents import contents
from city_indicators.reports.past import method_of, methods_as_of, reference_as_of, reference_of
from city_indicators.reports.write import as_arrow, write
from city_indicators.warehouse.bulk import as_csv
from city_indicators.warehouse.database import statement
from city_indicators.warehouse.publications import block_publications


@dataclass(frozen=True)
class Proposal:
    """A proposed edition: the method, the reference and the data vintage from which it is computed.

    `checksum` is the sha256 of its tables.
    """

    rating: str
    time_period: str
    title: str
    method_version: str
    reference_id: int
    known_at: datetime
    n_ranked: int
    checksum: str
    summary: str

    def to_json(self) -> dict[str, Any]:
        """JSON data for XCom."""
        return {**asdict(self), "known_at": self.known_at.isoformat()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(**{**data, "known_at": datetime.fromisoformat(data["known_at"])})


def latest_period(connection: Connection, rating: str) -> str:
    """The latest year in which a rating ranks somebody.

    Raises:
        EditionError: there is none.
    """
    period = connection.execute(statement("editions/latest_period"), {"rating": rating}).scalar_one()
    if period is None:
        raise EditionError(
            rating, "any year", "ranks no city", "run refresh_reports, or choose another rating"
        )
    return str(period)


def propose(
    connection: Connection, rating: str, period: str, title: str, clock: Callable[[], datetime]
) -> Proposal:
    """Compute the rating of a year as it would be published now; writes nothing.

    `clock` is read once no publication is running.

    Raises:
        EditionError: the rating was never computed, no city is ranked, or the title is empty.
        LockHeldError: a publication did not end within the lock timeout.
    """
    if not title.strip():
        raise EditionError(rating, period, "has no title", "give it one")
    block_publications(connection)
    known_at = clock()
    methods = methods_as_of(connection)
    if rating not in methods:
        raise EditionError(
            rating, period, "has never been computed", "run refresh_reports, then propose it again"
        )
    current = reference_as_of(connection)
    tables = contents(connection, methods[rating], current.reference, period, known_at)
    ranked = tables["rating"][tables["rating"]["rank"].notna()].sort_values("rank")
    if ranked.empty:
        raise EditionError(rating, period, "ranks no city", "choose another year")
    return Proposal(
        rating=rating,
        time_period=period,
        title=title.strip(),
        method_version=methods[rating].version,
        reference_id=current.reference_id,
        known_at=known_at,
        n_ranked=len(ranked),
        checksum=checksum(tables),
        summary=_summary(methods[rating], period, ranked),
    )


def publish(connection: Connection, proposal: Proposal, approved_by: str, at: datetime) -> str:
    """Freeze an approved proposal in the caller's transaction; returns its edition, for example 2022.1.

    If the proposal is already published, returns its edition.

    Raises:
        EditionError: the tables, recomputed from the same data, differ from the approved ones.
    """
    connection.execute(statement("editions/lock"))
    before = connection.execute(statement("editions/with_checksum"), asdict(proposal)).scalar_one_or_none()
    if before is not None:
        return str(before)
    method = method_of(connection, proposal.rating, proposal.method_version)
    reference = reference_of(connection, proposal.reference_id)
    tables = contents(connection, method, reference, proposal.time_period, proposal.known_at)
    if (found := checksum(tables)) != proposal.checksum:
        raise EditionError(
            proposal.rating,
            proposal.time_period,
            f"differs from what was approved (checksum {found[:12]}, approved {proposal.checksum[:12]})",
            "propose it again: names, texts of sources or the code changed between the two steps",
        )
    earlier = connection.execute(statement("editions/editions_of_period"), asdict(proposal)).scalar_one()
    edition = f"{proposal.time_period}.{earlier + 1}"
    for name, rows in tables.items():
        write(connection, f"edition_{name}", rows.assign(rating=proposal.rating, edition=edition))
    row = {
        **asdict(proposal),
        "edition": edition,
        "seed": method.uncertainty.seed if method.uncertainty else None,
        "approved_by": approved_by,
        "published_at": at,
        "citation": citation(proposal, method, edition),
    }
    connection.execute(statement("editions/insert"), row)
    return edition


def checksum(tables: dict[str, pd.DataFrame]) -> str:
    """The sha256 of the tables of an edition by name, as CSV in the order of their keys."""
    digest = hashlib.sha256()
    for name, rows in sorted(tables.items()):
        digest.update(name.encode())
        digest.update(as_csv(as_arrow(f"edition_{name}", rows)))
    return digest.hexdigest()


def citation(proposal: Proposal, method: Method, edition: str) -> str:
    """The citation of an edition."""
    return (
        f"{proposal.title}. {method.name.en}, {proposal.time_period}, edition {edition}. Method "
        f"{method.version}, observations as known on {proposal.known_at:%Y-%m-%d %H:%M} UTC. "
        f"SHA-256 {proposal.checksum[:16]}."
    )


def _summary(method: Method, period: str, ranked: pd.DataFrame) -> str:
    """The summary for the person who approves the edition, in Markdown."""
    lines = [
        f"| {row['rank']} | {row['city_name_en']} | {row['score']:.2f} | {row['coverage']:.0%} | "
        f"{row['city_level_share']:.0%} | {row['city_level_weight']:.0%} |"
        for row in ranked.to_dict("records")
    ]
    notes = {
        DRAFT: [
            "",
            "**Draft**: the coherence of the method is outside of its bounds; nobody accepted it.",
        ],
        ACCEPTED: ["", "The coherence of the method is outside of its bounds, which was accepted."],
    }
    return "\n".join(
        [
            f"**{method.name.en}, {period}**, method {method.version}: {len(ranked)} cities ranked.",
            *notes.get(ranked["method_status"].iloc[0], []),
            "",
            "| rank | city | score | coverage | city-level share | by weight |",
            "| --- | --- | --- | --- | --- | --- |",
            *lines,
        ]
    )
