"""Reads the current revision of a source's data with small requests."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from city_indicators.catalog.source import Revision, Source
from city_indicators.core.errors import SourceContractError, SourceUnavailableError
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.bounds import MAX_CHARACTERS
from city_indicators.sources.records import loads

MAX_LENGTH: Final = 500
"""Of a revision: an ETag has about fifty characters."""


def current(
    source: Source, head: Callable[[str], Mapping[str, str]], get: Callable[[str], bytes]
) -> str | None:
    """The revision of a source, one part per address; None if one of the addresses gives none.

    `head` returns the headers of a path, `get` the bytes of its answer.

    Raises:
        SourceUnavailableError: the source did not answer.
        SourceContractError: the answer lacks the declared field.
    """
    declared = source.revision
    if declared is None:
        return None
    parts = [
        _revision_at(source, declared, path, head, get) for path in declared.paths or (source.path or "",)
    ]
    return " ".join(part for part in parts if part) if all(parts) else None


def of_content(snapshots: Iterable[Snapshot]) -> str:
    """The revision of a source that publishes none: a hash of all its answers."""
    return "sha256:" + hashlib.sha256("".join(snapshot.sha256 for snapshot in snapshots).encode()).hexdigest()


def _revision_at(
    source: Source,
    declared: Revision,
    path: str,
    head: Callable[[str], Mapping[str, str]],
    get: Callable[[str], bytes],
) -> str | None:
    if declared.field is not None:
        return _field(source, declared.field, path, get(path))
    headers = head(path)
    for header in (declared.header,) if declared.header else ("ETag", "Last-Modified"):
        if header in headers:
            return _stored(source, path, f"{header}:{headers[header]}")
    return None


def _field(source: Source, pointer: str, path: str, content: bytes) -> str:
    text = content[:200].decode("utf-8", "replace")
    try:
        answer = loads(content[: MAX_CHARACTERS + 1].decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceUnavailableError(
            source.id, path, f"no JSON but {text!r}", "nothing if a retry succeeds"
        ) from error
    try:
        for step in pointer.strip("/").split("/"):
            answer = answer[int(step) if isinstance(answer, list) else step]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise _unreadable(source, path, f"no {pointer} in {text!r}") from error
    if not isinstance(answer, str | int | float):
        raise _unreadable(source, path, f"{pointer} is no text and no number in {text!r}")
    return _stored(source, path, f"{pointer}:{answer}")


def _stored(source: Source, path: str, revision: str) -> str:
    """A revision, which the ledger stores and pages show."""
    if len(revision) > MAX_LENGTH or not revision.isprintable():
        raise _unreadable(source, path, f"too long or not printable: {revision[:MAX_LENGTH]!r}")
    return revision


def _unreadable(source: Source, path: str, fault: str) -> SourceContractError:
    return SourceContractError(
        source.id, path, fault, "correct `revision` in the source's file of include/catalog/sources"
    )
