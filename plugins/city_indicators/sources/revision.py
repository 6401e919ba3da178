"""Reads the current revision of a source's data with small requests."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping

from city_indicators.catalog.source import Revision, Source
from city_indicators.core.errors import SourceContractError, SourceUnavailableError
from city_indicators.core.snapshots import Snapshot


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
            return f"{header}:{headers[header]}"
    return None


def _field(source: Source, pointer: str, path: str, content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise SourceUnavailableError(
            source.id, path, f"no JSON but {text[:200]!r}", "nothing if a retry succeeds"
        ) from error
    try:
        for step in pointer.strip("/").split("/"):
            answer = answer[int(step) if isinstance(answer, list) else step]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise SourceContractError(
            source.id,
            path,
            f"no {pointer} in {text[:200]!r}",
            "correct `revision` in the source's file of include/catalog/sources",
        ) from error
    return f"{pointer}:{answer}"
