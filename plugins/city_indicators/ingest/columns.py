"""Collects observations column by column, each repeated text once, and makes one frame of them."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from city_indicators.sources.cells import SERIES_STEP, Cells, Positions, RawRows, Texts

ROW_BITS: Final = 40
"""The number of a published row has the number of its file in the bits above."""


PARTS: Final = 64
"""From so many small parts on they are joined: memory of large ones is free for others afterwards."""


class Common(NamedTuple):
    """What all observations of one series in one file have in common."""

    indicator: str
    freq: str | None
    unit_measure: str | None
    geo_basis: str
    unit_as_published: str | None
    sha256: str
    url: str


class OfPlace(NamedTuple):
    """What all observations of one place have in common."""

    ref_area: str | None
    area_code: str


class OfPeriod(NamedTuple):
    """What observations of one period have in common, if one series has them."""

    time_period: str
    obs_status: str
    fault: str | None
    fault_reason: str | None


class PublishedRows:
    """The published rows of observations by number: texts, once each, and rows that are read again.

    `characters` is the length of all texts.
    """

    def __init__(self) -> None:
        self.characters = 0
        self._texts: dict[str, int] = {}
        self._files: list[RawRows] = []

    def numbers(self, raw: RawRows, rows: Positions) -> Positions:
        """The numbers of some rows; equal texts are the same row."""
        if isinstance(raw, Texts):
            texts = [raw.by_row[row] for row in rows.tolist()]
            self.characters += sum(len(text) for text in set(texts) if text not in self._texts)
            return np.array([self._texts.setdefault(text, len(self._texts)) for text in texts], np.int64)
        if not any(raw is file for file in self._files):
            self._files.append(raw)
        number = next(number for number, file in enumerate(self._files, 1) if file is raw)
        return (number << ROW_BITS) + rows

    def texts(self, numbers: Iterable[int]) -> list[str]:
        """The rows as JSON texts."""
        listed = [divmod(int(number), 1 << ROW_BITS) for number in numbers]
        wanted: dict[int, set[int]] = {}
        for file, row in listed:
            wanted.setdefault(file, set()).add(row)
        found = {file: self._files[file - 1].texts(rows) for file, rows in wanted.items() if file}
        in_memory = list(self._texts)
        return [found[file][row] if file else in_memory[row] for file, row in listed]


class ObservationColumns:
    """The observations of a load, added in any order."""

    def __init__(self) -> None:
        self.raw = PublishedRows()
        self._items: dict[str, dict[Any, int]] = {"common": {}, "place": {}, "period": {}}
        self._places: tuple[Sequence[OfPlace], npt.NDArray[np.int32]] = [], np.array([], np.int32)
        self._parts: dict[int, dict[str, list[Any]]] = {}
        self.number = 0

    def add(
        self,
        cells: Cells,
        at: Positions,
        common: Common,
        places: Sequence[OfPlace],
        periods: Sequence[OfPeriod],
        numbers: npt.NDArray[np.float64],
        texts: Iterable[str],
    ) -> None:
        """Add the observations of the cells at some positions, with their values as numbers and texts.

        `places` and `periods` are those of the cells, in the same order.
        """
        self.number += len(at)
        if self._places[0] is not places:
            # All series of a table have the same.
            self._places = places, self._codes("place", places)
        part = {
            "common": np.repeat(self._codes("common", [common]), len(at)),
            "place": self._places[1][cells.place[at]],
            "period": self._codes("period", periods)[cells.period[at]],
            "order": cells.order[at],
            "raw_row": self.raw.numbers(cells.raw, cells.row[at]),
            "obs_value": numbers,
            "value_as_published": storable_texts(texts),
            "pointer": storable_texts(cells.pointer(at)),
        }
        # Cells of one series follow each other; joined, they need no sorting.
        parts = self._parts.setdefault(int(cells.order[0]) // SERIES_STEP, {name: [] for name in part})
        for name, column in part.items():
            parts[name].append(column)
            if len(parts[name]) == PARTS:
                parts[name] = [_joined(parts[name])]

    def frame(self) -> pd.DataFrame:
        """All observations, in the order of publication, with categories; nothing is left here."""
        order = self._pop("order", np.array([], np.int64))
        at = None if (order[1:] > order[:-1]).all() else np.argsort(order, kind="stable")
        columns: dict[str, Any] = {"row_no": np.arange(self.number, dtype=np.int32)}
        for kind, fields in (("common", Common), ("place", OfPlace), ("period", OfPeriod)):
            codes = self._numbers(kind, np.int32, at)
            for name in fields._fields:
                columns[name] = self._categories(kind, name, codes)
        columns["obs_value"] = self._numbers("obs_value", np.float64, at)
        columns["raw_row"] = self._numbers("raw_row", np.int64, at)
        for name in ("value_as_published", "pointer"):
            texts = self._pop(name, pa.array([], pa.large_string()))
            texts = texts if at is None else texts.take(pa.array(at))
            columns[name] = pa.table({name: texts}).to_pandas()[name]
        # Otherwise the memory of the parts stays with Arrow.
        pa.default_memory_pool().release_unused()
        return pd.DataFrame(columns)

    def _pop(self, name: str, empty: Any) -> Any:
        """One column of all parts, which do not have it any more."""
        by_series = (self._parts[series].pop(name) for series in sorted(self._parts))
        return _joined([empty, *chain.from_iterable(by_series)])

    def _codes(self, kind: str, items: Iterable[Any]) -> npt.NDArray[np.int32]:
        known = self._items[kind]
        return np.array([known.setdefault(item, len(known)) for item in items], np.int32)

    def _numbers(self, name: str, dtype: npt.DTypeLike, at: Positions | None) -> npt.NDArray[Any]:
        numbers: npt.NDArray[Any] = self._pop(name, np.array([], dtype))
        return numbers if at is None else numbers[at]

    def _categories(self, kind: str, name: str, codes: npt.NDArray[np.int32]) -> Any:
        """A column of texts, from the number of the item that each observation has."""
        texts = pd.Categorical(pd.Series([getattr(item, name) for item in self._items[kind]], dtype="str"))
        of_item = np.append(texts.codes, -1).astype(texts.codes.dtype)
        return pd.Categorical.from_codes(of_item[codes], dtype=texts.dtype)


def _joined(parts: list[Any]) -> Any:
    return pa.concat_arrays(parts) if isinstance(parts[0], pa.Array) else np.concatenate(parts)


def storable(text: str) -> str:
    """Replace NUL, which PostgreSQL cannot store."""
    return text.replace("\0", "\ufffd")


def storable_texts(texts: Iterable[str]) -> pa.Array:
    """Texts as an array, each as `storable` gives it."""
    return pc.replace_substring(pa.array(texts, pa.large_string()), "\0", "\ufffd")
