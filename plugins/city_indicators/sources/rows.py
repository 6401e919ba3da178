"""Rows of a table: those that are read as names with values, and the lines of CSV, which are read lazily."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.forms import plain
from city_indicators.sources.records import as_text


class Row:
    """One row of a table: its position and its cells by column title."""

    __slots__ = ("_cells", "_pointer", "snapshot")

    def __init__(self, snapshot: Snapshot, pointer: str, cells: Mapping[str, Any]) -> None:
        self.snapshot = snapshot
        self._pointer = pointer
        self._cells: Mapping[str, Any] = cells

    @property
    def pointer(self) -> str:
        """The position in the file."""
        return self._pointer

    @property
    def cells(self) -> Mapping[str, Any]:
        """The cells by column title."""
        return self._cells

    def text(self, column: str) -> str:
        """A cell as text; integers without a decimal point."""
        return _as_key(as_text(self.cells.get(column)))

    @classmethod
    def column(cls, rows: Sequence["Row"], title: str) -> list[str | float | None]:
        """The cells of a column as published, None where empty; the rows are all of this class."""
        return [as_text(row.cells.get(title)) for row in rows]

    @classmethod
    def texts(cls, rows: Sequence["Row"], title: str) -> list[str]:
        """The cells of a column as texts; integers without a decimal point."""
        return [row.text(title) for row in rows]


class Line(Row):
    """A line of CSV, of which names and position are made only when somebody needs them.

    Of a large file most lines are of other years than those of a run.
    """

    __slots__ = ("index", "number", "values")

    def __init__(
        self, snapshot: Snapshot, number: int, index: Mapping[str, int], values: Sequence[str]
    ) -> None:
        self.snapshot = snapshot
        self.number = number
        self.index = index
        self.values = values
        self._cells = {}

    @property
    def pointer(self) -> str:
        """The position in the file."""
        return line_pointer(self.number)

    @property
    def cells(self) -> Mapping[str, Any]:
        """The cells by column title."""
        if not self._cells:
            self._cells = {title: self.values[at] for title, at in self.index.items()}
        return self._cells

    @classmethod
    def column(cls, rows: Sequence[Row], title: str) -> list[str | float | None]:
        """The cells of a column as published, None where empty."""
        lines, at = _lines(rows, title)
        return [line.values[at].strip() or None for line in lines]

    @classmethod
    def texts(cls, rows: Sequence[Row], title: str) -> list[str]:
        """The cells of a column as texts."""
        lines, at = _lines(rows, title)
        return [line.values[at].strip() for line in lines]


def line_pointer(number: int) -> str:
    """The position in the file of a line of CSV."""
    return f"line {number}"


def _lines(rows: Sequence[Row], title: str) -> tuple[Sequence[Line], int]:
    """The rows as lines, and the position of a column in each."""
    lines = cast("Sequence[Line]", rows)
    return lines, lines[0].index[title] if lines else 0


def title_of(cell: Any) -> str:
    """The title of a column, without invisible characters."""
    return plain(str(as_text(cell) or ""))


def texts(rows: Sequence[Row], title: str) -> list[str]:
    """A column as texts; integers without a decimal point."""
    return type(rows[0]).texts(rows, title) if rows else []


def _as_key(value: str | float | None) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
