"""Proposes an edition of a rating, and publishes what was approved, for ever."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

import pandas as pd
from sqlalchemy import Connection

from city_indicators.analytics.ratings.method import Method
from city_indicators.catalog.reference import Reference
from city_indicators.core.errors import EditionError
from city_indicators.reports.past import method_of, methods_as_of, reference_as_of
from city_indicators.reports.ratings import computed, published_tables
from city_indicators.reports.tables import Vintage
from city_indicators.reports.write import as_arrow, write
from city_indicators.warehouse.bulk import as_csv
from city_indicators.warehouse.database import statement
from city_indicators.warehouse.moment import Moment


@dataclass(frozen=True)
class Proposal:
    """What would be published: made by a method and a reference from what was known at a moment.

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
        """Plain data that can travel through XCom."""
        return {**asdict(self), "known_at": self.known_at.isoformat()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(**{**data, "known_at": datetime.fromisoformat(data["known_at"])})


def propose(
    connection: Connection, rating: str, period: str, title: str, clock: Callable[[], datetime]
) -> Proposal:
    """The rating of a year as it would be published now; nothing is written.

    `clock` is asked once no publication is under way.

    Raises:
        EditionError: no report was made by such a rating, no city is ranked, or there is no title.
        LockHeldError: a publication has not ended in the time that a session waits for a lock.
    """
    if not title.strip():
        raise EditionError(rating, period, "has no title", "give it one")
    _hold_publications(connection)
    known_at = clock()
    methods = methods_as_of(connection)
    if rating not in methods:
        raise EditionError(
            rating, period, "has never been computed", "run refresh_reports, then propose it again"
        )
    kept = reference_as_of(connection)
    tables = _tables(connection, methods[rating], kept.reference, period, known_at)
    ranked = tables["rating"][tables["rating"]["rank"].notna()].sort_values("rank")
    if ranked.empty:
        raise EditionError(rating, period, "ranks no city", "choose another year")
    return Proposal(
        rating=rating,
        time_period=period,
        title=title.strip(),
        method_version=methods[rating].version,
        reference_id=kept.reference_id,
        known_at=known_at,
        n_ranked=len(ranked),
        checksum=checksum(tables),
        summary=_summary(methods[rating], period, ranked),
    )


def publish(connection: Connection, proposal: Proposal, approved_by: str, at: datetime) -> str:
    """Freeze what was approved, in the caller's transaction; its edition, such as 2022.1.

    A proposal that is published already gives the edition it was published as.

    Raises:
        EditionError: computed again from what was known then, the tables differ from what was approved.
    """
    connection.execute(statement("editions/lock"))
    before = connection.execute(statement("editions/with_checksum"), asdict(proposal)).scalar_one_or_none()
    if before is not None:
        return str(before)
    method = method_of(connection, proposal.rating, proposal.method_version)
    reference = reference_of(connection, proposal.reference_id)
    tables = _tables(connection, method, reference, proposal.time_period, proposal.known_at)
    if (found := checksum(tables)) != proposal.checksum:
        raise EditionError(
            proposal.rating,
            proposal.time_period,
            f"is no longer what was approved (checksum {found[:12]}, approved {proposal.checksum[:12]})",
            "propose it again; if it happens twice, the code changed between the two steps",
        )
    earlier = connection.execute(statement("editions/editions_of_period"), asdict(proposal)).scalar_one()
    edition = f"{proposal.time_period}.{earlier + 1}"
    for name, rows in tables.items():
        write(connection, f"edition_{name}", rows.assign(edition=edition))
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
    """The sha256 of an edition's tables, each in the order of its keys, as CSV."""
    digest = hashlib.sha256()
    for name, rows in sorted(tables.items()):
        digest.update(name.encode())
        digest.update(as_csv(as_arrow(name, rows)))
    return digest.hexdigest()


def citation(proposal: Proposal, method: Method, edition: str) -> str:
    """How to cite an edition."""
    return (
        f"{proposal.title}. {method.name.en}, {proposal.time_period}, edition {edition}. Method "
        f"{method.version}, observations as known on {proposal.known_at:%Y-%m-%d %H:%M} UTC. "
        f"SHA-256 {proposal.checksum[:16]}."
    )


def reference_of(connection: Connection, reference_id: int) -> Reference:
    """What an edition took from the catalogue."""
    row = connection.execute(statement("editions/reference"), {"reference_id": reference_id})
    return Reference.model_validate(row.scalar_one())


def _hold_publications(connection: Connection) -> None:
    """Hold back publications from a moment on at which none is under way."""
    while True:
        held = connection.begin_nested()
        busy = connection.execute(statement("editions/hold_publications")).scalar()
        if busy is None:
            held.commit()
            return
        # While it waits for one source it holds none: a stuck one must not stop the others.
        held.rollback()
        with connection.begin_nested() as waiting:
            connection.execute(statement("editions/wait_for_publication"), {"source": busy})
            waiting.rollback()


def _tables(
    connection: Connection, method: Method, reference: Reference, period: str, known_at: Moment
) -> dict[str, pd.DataFrame]:
    rating = computed(connection, method, reference, [period], Vintage(known_at))
    return published_tables(rating, reference)


def _summary(method: Method, period: str, ranked: pd.DataFrame) -> str:
    """What somebody who approves an edition looks at, in Markdown."""
    lines = [
        f"| {row['rank']} | {row['city_name_en']} | {row['score']:.2f} | {row['coverage']:.0%} | "
        f"{row['city_level_share']:.0%} |"
        for row in ranked.to_dict("records")
    ]
    return "\n".join(
        [
            f"**{method.name.en}, {period}**, method {method.version}: {len(ranked)} cities ranked.",
            "",
            "| rank | city | score | coverage | city-level share |",
            "| --- | --- | --- | --- | --- |",
            *lines,
        ]
    )
