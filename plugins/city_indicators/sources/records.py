"""The interface of connectors: they read records as published, before conversion and validation."""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, Overflow
from typing import Any, Final, Protocol, runtime_checkable

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Series, Source
from city_indicators.core.errors import SourceContractError, SourceUnavailableError
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.bounds import MAX_CHARACTERS
from city_indicators.sources.quota import Request

WITH_COMMA: Final = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:[.\s]\d{3})+)(?:,\d+)?")
"""A number with a decimal comma, whose thousands may be separated by points or spaces."""


@dataclass(frozen=True)
class Fault:
    """Why a cell is rejected before validation: the rule that it breaks, and the reason shown."""

    rule: str
    reason: str


@dataclass(frozen=True)
class Record:
    """One cell of a publication.

    `value` is the text or number as published (None: the cell is empty), `title` the source's own name of
    the series, `pointer` the position of the cell in the snapshot (a JSON pointer, or sheet and row), `raw`
    the complete row as JSON text, `country` the country named beside a place, `unit` the unit that the row
    itself names, `fault` a rule of the source's form that the cell breaks.
    """

    series: Series
    area_code: str
    time_period: str
    value: str | float | None
    title: str
    snapshot: Snapshot
    pointer: str
    raw: str
    country: str | None = None
    unit: str | None = None
    fault: Fault | None = None


Fetch = Callable[[str, Mapping[str, str]], tuple[Snapshot, bytes]]
"""Requests a path with parameters, archives the answer, and then returns it."""

Archived = Iterator[tuple[Snapshot, bytes]]
"""Snapshots with their bytes, in the order they were fetched."""


class Connector(Protocol):
    """A wire format: which requests to make, and how to read the answers."""

    def fetch(self, source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:
        """Make all requests that cover the interval."""

    def read(self, source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:
        """The records of the answers, including places and periods that were not requested.

        A format that always sends every period returns only those of the interval.

        Raises:
            SourceContractError: the answer breaks the format.
        """


@runtime_checkable
class Metered(Connector, Protocol):
    """A wire format whose requests are known beforehand, with the calls that the service counts for each."""

    def list_requests(self, source: Source, catalogue: Catalogue, interval: Interval) -> list[Request]:
        """All requests that cover the interval."""


@runtime_checkable
class Paged(Connector, Protocol):
    """A wire format whose answers show whether there are more pages."""

    def empty_page(self, source: Source) -> bytes | None:
        """An answer that is one page without rows; None if the source has no pages."""


def breach(snapshot: Snapshot, fault: str) -> SourceContractError:
    """The error for an answer that breaks its format."""
    return SourceContractError(
        snapshot.source,
        snapshot.url,
        fault,
        f"compare {snapshot.kept_as} with the publisher's documentation and with the "
        "source's file in include/catalog/sources",
    )


def changed(snapshot: Snapshot, what: str, declared: object, sent: object) -> SourceContractError:
    """The error for a title or unit that is not the declared one: the values may mean something else."""
    return SourceContractError(
        snapshot.source,
        snapshot.url,
        f"{what} is declared as {declared!r}, but the publisher writes {sent!r}",
        "find out what the publisher changed; if the values still mean what the catalogue says, update the "
        "declaration in include/catalog/sources, else declare a new series",
    )


def check_unit(snapshot: Snapshot, series: Series, what: str, sent: object) -> None:
    """Check the unit that the publisher writes beside a value; a series without `unit_text` declares none.

    Raises:
        SourceContractError: the unit is not the declared one.
    """
    if series.unit_text is not None and sent != series.unit_text:
        raise changed(snapshot, f"the unit of {what}", series.unit_text, sent)


def check_area_names(source: Source, snapshot: Snapshot, pointer: str, code: str, *names: object) -> None:
    """Check what the publisher writes beside the code of a place.

    Raises:
        SourceContractError: the code of a declared place has another name, or its name another code.
    """
    declared = source.area_names.get(code, ())
    for name in names:
        if declared and name not in declared:
            fault = f"the code {code!r} is named {name!r}, not {' or '.join(declared)}"
            raise breach(snapshot, f"{pointer}: {fault}")
        owners = [owner for owner, texts in source.area_names.items() if name in texts]
        if owners and code not in owners:
            raise breach(snapshot, f"{pointer}: {name!r} has the code {code!r}, not {owners[0]!r}")


def truncated(snapshot: Snapshot, fault: str) -> SourceUnavailableError:
    """The error for a truncated answer, which a retry may repair; `fault` names the position."""
    return SourceUnavailableError(
        snapshot.source,
        snapshot.url,
        fault,
        f"nothing if a retry succeeds; else look at {snapshot.kept_as}",
    )


def loads(text: str) -> Any:
    """Parse JSON that can be stored; NaN and Infinity, which are not JSON, stay texts.

    Raises:
        JSONDecodeError: the text is no JSON.
        ValueError: an object has a key more than once, or a value cannot be stored (half a surrogate pair).
        RecursionError: it is nested too deeply.
    """
    answer = json.loads(text, parse_constant=str, object_pairs_hook=_object)
    json.dumps(answer, ensure_ascii=False).encode()
    return answer


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise ValueError(f"an object has the key {twice[:100]!r} more than once")
    return found


def parse_json(snapshot: Snapshot, text: str) -> Any:
    """The JSON of an answer.

    Raises:
        SourceUnavailableError: the text is truncated; a retry may succeed.
        SourceContractError: the JSON contradicts itself, or has a value that cannot be stored.
    """
    if text.lstrip().startswith("<"):
        raise breach(snapshot, f"a page of HTML or XML instead of JSON: {text.lstrip()[:120]!r}")
    if len(text) > MAX_CHARACTERS:
        raise breach(snapshot, f"JSON of more than {MAX_CHARACTERS} characters")
    try:
        return loads(text)
    except json.JSONDecodeError as error:
        raise truncated(snapshot, f"JSON truncated at character {error.pos} of {len(text)}") from error
    except (ValueError, RecursionError) as error:
        raise SourceContractError(
            snapshot.source,
            snapshot.url,
            f"JSON that cannot be used: {error}",
            f"look at {snapshot.kept_as}, and inform the publisher",
        ) from error


def as_text(value: Any) -> str | float | None:
    """A cell as published; None if it is empty."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, int):
        return value
    return None if value is None else str(value)


def total(numbers: Iterable[float]) -> float:
    """The sum; infinite if it exceeds the range of a float."""
    try:
        return math.fsum(numbers)
    except OverflowError:
        return math.inf


def as_number(value: str | float | None, factor: Decimal = Decimal(1), decimal: str = ".") -> float:
    """A value times `factor`; NaN for anything that is no finite number, or not written with this sign.

    Computed in decimals, because 12409.738 thousand are 12409738 and not 12409737.999999998.
    """
    text = _with_point(value) if decimal == "," and isinstance(value, str) else str(value)
    try:
        number = float(Decimal(text) * factor)
    except (InvalidOperation, Overflow):
        return math.nan
    # Python reads 1_000 as a number, but no publisher writes numbers like that.
    return number if math.isfinite(number) and "_" not in text else math.nan


def _with_point(text: str) -> str:
    """A number with a decimal comma as one with a point; nothing for any other text."""
    return re.sub(r"[.\s]", "", text).replace(",", ".") if WITH_COMMA.fullmatch(text.strip()) else ""


def preferred(records: Iterable[Record]) -> Iterator[Record]:
    """Of the records of one indicator, place and year, those of the first series that has a value.

    Two records of the same series stay, so that the row rules report the contradiction or repetition.
    """
    first: dict[tuple[str, str | None, str, str], str] = {}
    for record in records:
        key = (record.series.indicator, record.country, record.area_code, record.time_period)
        if record.value is None or first.setdefault(key, record.series.code) == record.series.code:
            yield record
