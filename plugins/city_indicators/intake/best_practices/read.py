"""Reads a file of cases, CSV or XLSX: each row is accepted as a case or refused with a rule and a reason."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from pydantic import ValidationError

from city_indicators.core.errors import SourceContractError
from city_indicators.intake.best_practices.models import COLUMNS, REQUIRED, Case
from city_indicators.intake.best_practices.sheet import SOURCE, rows_of
from city_indicators.intake.best_practices.vocabulary import CodeLists
from city_indicators.sources.forms import FormRow

# PostgreSQL stores neither NUL nor half of a surrogate pair.
HIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
RULE_OF_ERROR: Final = {
    "missing": ("required", "is empty"),
    "string_too_long": ("length", "is too long"),
    "string_too_short": ("required", "is empty"),
    "too_short": ("required", "is empty"),
    "date_from_datetime_parsing": ("date", "is not a day of the calendar"),
}
"""The rule and the reason reported for errors of pydantic's own types."""


@dataclass(frozen=True)
class Refusal:
    """A refused row: its number as a spreadsheet program shows it, the rule and the reason."""

    row: int
    case_id: str | None
    rule: str
    reason: str
    raw: str

    @property
    def line(self) -> str:
        """The refusal in one line of a report."""
        return f"row {self.row}{f' ({self.case_id})' if self.case_id else ''}: {self.rule}: {self.reason}"


@dataclass(frozen=True)
class Accepted:
    """An accepted row; `raw` is the row as sent, as JSON."""

    row: int
    case: Case
    raw: str

    def refused(self, rule: str, reason: str) -> Refusal:
        """The same row as a refused one."""
        return Refusal(self.row, self.case.case_id, rule, reason, self.raw)


@dataclass(frozen=True)
class Reading:
    """The rows of a file, each either accepted or refused."""

    accepted: tuple[Accepted, ...]
    refused: tuple[Refusal, ...]

    @property
    def read(self) -> int:
        """The number of rows that are not empty."""
        return len(self.accepted) + len(self.refused)


def read(content: bytes, name: str, code_lists: CodeLists, on: date) -> Reading:
    """Validate each row of a file by itself; duplicates.py compares cases with each other.

    Args:
        content: the file's bytes.
        name: the file's name; its suffix gives the format.
        code_lists: the code lists to validate against.
        on: the day of reading, after which dates are in the future.

    Raises:
        SourceContractError: the file is neither CSV nor XLSX, cannot be read, or has other columns than the
            template.
    """
    titles, rows = rows_of(content, name)
    _check_titles(titles, name)
    validated = [_validate(row, code_lists, on) for row in rows]
    return Reading(
        tuple(row for row in validated if isinstance(row, Accepted)),
        tuple(row for row in validated if isinstance(row, Refusal)),
    )


def _check_titles(titles: tuple[str, ...], name: str) -> None:
    faults = [
        *(f"the column {title!r} is unknown" for title in titles if title not in COLUMNS),
        *(f"the column {title!r} is given more than once" for title in COLUMNS if titles.count(title) > 1),
        *(f"the column {title!r} is missing" for title in REQUIRED if title not in titles),
    ]
    if faults:
        raise SourceContractError(
            SOURCE,
            name,
            "; ".join(faults),
            "use the columns of `python -m city_indicators template best_practices`",
        )


def _validate(row: FormRow, code_lists: CodeLists, on: date) -> Accepted | Refusal:
    raw = json.dumps(dict(row.cells), ensure_ascii=False)
    case_id = row.cells.get("case_id") or None
    if row.excess > 0:
        reason = f"the row has {row.excess} cells too many; quote texts that contain the separator"
        return Refusal(row.number, case_id, "cells", reason, raw)
    if formulas := [column for column, text in row.cells.items() if text.startswith("=")]:
        reason = "; ".join(f"{column}: contains a formula instead of its value" for column in formulas)
        return Refusal(row.number, case_id, "formula", reason, raw)
    if hidden := [column for column, text in row.cells.items() if HIDDEN.search(text)]:
        reason = f"{', '.join(hidden)}: contains a control character; type the text again"
        return Refusal(row.number, case_id, "control_character", reason, raw)
    given = {column: text for column, text in row.cells.items() if text}
    try:
        case = Case.model_validate(given, context={"code_lists": code_lists, "on": on})
    except ValidationError as error:
        faults = list(_faults(error))
        return Refusal(row.number, case_id, faults[0][0], "; ".join(reason for _, reason in faults), raw)
    return Accepted(row.number, case, raw)


def _faults(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Rule and reason of each fault of a row."""
    for fault in error.errors():
        rule, reason = RULE_OF_ERROR.get(fault["type"], (fault["type"], fault["msg"]))
        column = f"{fault['loc'][0]}: " if fault["loc"] else ""
        yield rule, f"{column}{reason}"
