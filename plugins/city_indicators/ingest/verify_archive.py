"""Verifies the archive against the ledger: reads every object, and heals what its publisher still serves."""

import errno
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal

import requests
from sqlalchemy import Connection, Engine

from city_indicators.catalog.source import Source
from city_indicators.core.archive import Archive
from city_indicators.core.errors import ArchiveVerificationError, SourceError, StorageError
from city_indicators.core.progress import followed
from city_indicators.core.snapshots import Answer
from city_indicators.sources.http import get, session
from city_indicators.warehouse.database import rows, statement

Clock = Callable[[], datetime]
FetchAgain = Callable[[str, str], Answer | None]
"""Fetches an address of a source again; None if it must not or cannot be fetched."""
State = Literal["missing", "damaged", "unknown"]

MOST_REQUESTS: Final = 200
"""Requests to publishers in one verification: an archive that is lost as such is restored, not fetched."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finding:
    """What is wrong with an object; `healed_from` is the address that still had its bytes."""

    object: str
    finding: State
    healed_from: str | None = None


@dataclass(frozen=True)
class Verification:
    """The result of a verification: what was read, and what was wrong."""

    started_at: datetime
    finished_at: datetime
    objects: int
    byte_count: int
    findings: tuple[Finding, ...]

    @property
    def counts(self) -> dict[str, int]:
        """The numbers of objects that are missing, damaged and unknown now, and of those that were healed."""
        left = [found.finding for found in self.findings if found.healed_from is None]
        states: tuple[State, ...] = ("missing", "damaged", "unknown")
        counted = {str(state): left.count(state) for state in states}
        return {**counted, "healed": len(self.findings) - len(left)}

    @property
    def summary(self) -> str:
        """The result in one line."""
        counts = ", ".join(f"{count} {state}" for state, count in self.counts.items())
        return f"{self.objects} objects, {self.byte_count} bytes: {counts}"


@contextmanager
def publishers(sources: Mapping[str, Source]) -> Iterator[FetchAgain]:
    """Fetch addresses of sources without key and quota again, within the rate limits of each."""
    with ExitStack() as opened:
        sessions: dict[str, requests.Session] = {}

        def again(source_id: str, url: str) -> Answer | None:
            source = sources.get(source_id)
            if source is None or source.key or source.quota or source.is_submission:
                return None
            if source_id not in sessions:
                sessions[source_id] = opened.enter_context(session(source.limits))
            try:
                return get(sessions[source_id], source_id, url, {})
            except SourceError as error:
                log.warning("not healed: %s", error)
                return None

        yield again


def verify(warehouse: Engine, archive: Archive, fetch_again: FetchAgain, clock: Clock) -> Verification:
    """Read every object, compare it with the ledger, heal what a publisher serves, and store the result."""
    started = clock()
    # The ledger is read first: what is archived meanwhile must not seem to be missing.
    ledger = _ledger(warehouse)
    lengths: list[int] = []
    findings = [found for sha in followed(ledger, "objects") if (found := _check(archive, sha, lengths))]
    findings = list(_healed(warehouse, archive, findings, fetch_again, clock))
    # It is read again for the opposite reason.
    unknown = sorted(set(archive.objects()) - set(ledger) - set(_ledger(warehouse)))
    findings += [found for name in unknown if (found := _read_unknown(archive, name, lengths))]
    result = Verification(started, clock(), len(lengths), sum(lengths), tuple(findings))
    with warehouse.begin() as connection:
        _store(connection, result)
    return result


def require_complete(archive: Archive, result: Verification) -> None:
    """Fail if a file of the ledger is missing or damaged.

    Raises:
        ArchiveVerificationError: names the first of them and the next step.
    """
    lost = [found for found in result.findings if found.finding != "unknown" and not found.healed_from]
    if lost:
        missing = sum(found.finding == "missing" for found in lost)
        first = f"{lost[0].object} ({lost[0].finding})"
        raise ArchiveVerificationError(archive.root, missing, len(lost) - missing, first)


def lacking(warehouse: Engine, archive: Archive) -> list[str]:
    """The sha256 of the files of the ledger that the archive does not have; nothing is read."""
    return sorted(set(_ledger(warehouse)) - set(archive.objects()))


def _ledger(warehouse: Engine) -> list[str]:
    with warehouse.connect() as connection:
        return list(connection.execute(statement("archive/ledger")).scalars())


def _check(archive: Archive, sha: str, lengths: list[int]) -> Finding | None:
    try:
        found, length = archive.digest(sha)
    except FileNotFoundError:
        return Finding(sha, "missing")
    except OSError as error:
        if error.errno not in (errno.EIO, errno.EISDIR):
            raise
        log.warning("%s cannot be read: %s", sha, error)
        return Finding(sha, "damaged")
    lengths.append(length)
    return None if found == sha else Finding(sha, "damaged")


def _read_unknown(archive: Archive, name: str, lengths: list[int]) -> Finding | None:
    try:
        lengths.append(archive.digest(name)[1])
    except FileNotFoundError:
        # An object that was still being written is gone, or has its name now.
        return None
    except OSError as error:
        log.warning("%s cannot be read: %s", name, error)
    return Finding(name, "unknown")


def _healed(
    warehouse: Engine, archive: Archive, findings: Iterable[Finding], fetch_again: FetchAgain, clock: Clock
) -> Iterator[Finding]:
    requested = 0
    for found in findings:
        with warehouse.connect() as connection:
            fetches = rows(connection, "archive/fetches", sha256=found.object)
        healed_from = None
        for fetch in fetches[: MOST_REQUESTS - requested]:
            answer = fetch_again(fetch["source"], fetch["url"])
            requested += 1
            if answer and sha256(answer.content).hexdigest() == found.object:
                healed_from = _put_back(archive, fetch, answer, clock())
                break
        yield Finding(found.object, found.finding, healed_from)


def _put_back(archive: Archive, fetch: Mapping[str, str], answer: Answer, at: datetime) -> str | None:
    try:
        archive.store(fetch["source"], answer, at)
    except StorageError as error:
        log.warning("not healed: %s", error)
        return None
    return fetch["url"]


def _store(connection: Connection, result: Verification) -> None:
    row = {
        "started_at": result.started_at,
        "finished_at": result.finished_at,
        "objects": result.objects,
        "byte_count": result.byte_count,
        **result.counts,
    }
    number = connection.execute(statement("archive/insert_verification"), row).scalar_one()
    if result.findings:
        connection.execute(
            statement("archive/insert_finding"),
            [{**vars(found), "verification_id": number} for found in result.findings],
        )
