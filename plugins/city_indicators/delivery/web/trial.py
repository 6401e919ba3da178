"""What a reader of the workbench tries: the changes that an address states, and the ranks that they give."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import isfinite, isnan
from threading import Lock
from typing import Any, Final, get_args
from urllib.parse import urlencode

import pandas as pd
from fastapi import HTTPException
from sqlalchemy import Connection

from city_indicators.analytics.ratings.changes import Changes, changed
from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.steps import LARGEST, Aggregation
from city_indicators.core.errors import MethodError
from city_indicators.core.languages import Language, name_in, words
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.method_tree import Part, tree
from city_indicators.delivery.web.ratings import reason, years_of
from city_indicators.reports.past import methods_as_of
from city_indicators.reports.workbench import Tried, tried
from city_indicators.warehouse.database import rows, statement

WEIGHT: Final = "weight."
STEPS: Final[dict[str, tuple[str, ...]]] = {
    "aggregation": get_args(Aggregation),
    "normalisation": ("goalposts", "min_max", "z_score", "percentile_rank", "rank"),
}
"""The steps that can be changed, with the alternatives that need no further options."""
CONTEXT: Final = ("language", "period", "city", "rating", "width")
RECENT: Final = 16
"""Results that a process keeps: the chart of a page needs the same ones as its table."""

_recent: OrderedDict[tuple[Any, ...], Tried] = OrderedDict()
_lock: Final = Lock()


@dataclass(frozen=True)
class Wish:
    """The changes of an address: `fields` are its parameters that differ from the declared method.

    `fault` says which of them is no weight, in the language of the reader.
    """

    changes: Changes
    fields: dict[str, str]
    fault: str | None


@dataclass(frozen=True)
class Trial:
    """A rating and a year of the warehouse, and what is tried with them; `known_at` is when it was rated."""

    methods: dict[str, Method]
    method: Method
    parts: list[Part]
    periods: list[str]
    period: str
    labels: Labels
    language: Language
    wish: Wish
    known_at: datetime

    @cached_property
    def changed(self) -> Method:
        """The method with the changes.

        Raises:
            MethodError: there is no such method.
        """
        if self.wish.fault:
            raise MethodError(self.wish.fault)
        return changed(self.method, self.wish.changes)

    def tried(self, connection: Connection) -> Tried:
        """The rating by the changed method.

        Raises:
            MethodError: the changes fit no method, or the method does not fit the observations.
        """
        return _tried(connection, self.changed, self.period, self.known_at)

    def moves(self, connection: Connection) -> list[dict[str, Any]]:
        """One row per city: its declared and its new rank and score; the best new rank first.

        `rose` is the number of places, `beyond` whether the declared rank is none of the likely ones, `place`
        the place that the score of a city without a rank would take.

        Raises:
            MethodError: the changes fit no method, or the method does not fit the observations.
        """
        stored = rows(connection, "web/rating", rating=self.method.id, period=self.period)
        found = self.tried(connection).cities.set_index("ref_area")
        scores = found.loc[found["rank"].notna(), "score"]
        made = [
            self._move(row, found.loc[row["ref_area"]], scores)
            for row in stored
            if row["ref_area"] in found.index
        ]
        return sorted(made, key=lambda row: (row["rank"] is None, row["rank"] or 0, row["city"]))

    def _move(self, old: dict[str, Any], new: "pd.Series[Any]", scores: "pd.Series[float]") -> dict[str, Any]:
        rank, low, high, score = (_number(new[name]) for name in ("rank", "rank_p05", "rank_p95", "score"))
        both = rank is not None and old["rank"] is not None
        code = new["reason_code"] if rank is None else None
        return {
            "ref_area": old["ref_area"],
            "city": name_in(self.language, old, "city_name_"),
            "old_rank": old["rank"],
            "old_score": old["score"],
            "rank": rank,
            "score": score,
            "rose": old["rank"] - rank if rank is not None and both else None,
            "low": low,
            "high": high,
            "beyond": both and low is not None and high is not None and not low <= old["rank"] <= high,
            "reason": reason(code, self.method, self.language),
            "place": int((scores > score).sum()) + 1 if rank is None and score is not None else None,
        }

    def address(self, **more: str) -> str:
        """The query of the address that states the year and the changes."""
        return urlencode({"period": self.period, **self.wish.fields, "language": self.language, **more})


def opened(
    connection: Connection, rating: str, parameters: Mapping[str, str], language: Language
) -> Trial | None:
    """What an address tries; None if the warehouse has no ratings yet.

    Raises:
        HTTPException: there is no such rating or year, or nothing of this name can be changed.
    """
    methods = methods_as_of(connection)
    if not methods:
        return None
    if rating not in methods:
        raise HTTPException(404, f"there is no rating {rating!r}. Next step: choose one of {sorted(methods)}")
    method = methods[rating]
    periods = years_of(connection, rating)
    period = parameters.get("period") or next(iter(periods), "")
    if period not in periods:
        raise HTTPException(
            404, f"{rating} ranks nobody in {period!r}. Next step: choose one of the years {periods}"
        )
    labels = Labels(connection, language)
    parts = tree(method, labels, language)
    known_at = connection.execute(statement("export/refreshed_at"), {"report_refresh_id": None}).scalar_one()
    wish = wished(method, parts, parameters, language)
    return Trial(methods, method, parts, periods, period, labels, language, wish, known_at)


def wished(method: Method, parts: list[Part], parameters: Mapping[str, str], language: Language) -> Wish:
    """The changes that parameters state.

    Raises:
        HTTPException: a parameter names nothing that can be changed.
    """
    weighted = {WEIGHT + part.id: part for part in parts if part.weight is not None}
    given = {name: text.strip() for name, text in parameters.items() if name not in CONTEXT}
    declared = {"aggregation": method.aggregation, "normalisation": method.normalisation.method}
    for name, text in given.items():
        if name not in weighted and text not in (*STEPS.get(name, ()), declared.get(name)):
            raise HTTPException(
                404,
                f"{name}={text} changes nothing of {method.id}. Next step: choose a change in the workbench",
            )
    steps = {name: text for name, text in given.items() if name in STEPS and text != declared[name]}
    texts = {name: text for name, text in given.items() if name in weighted}
    weights = {name: _weight(text) for name, text in texts.items()}
    moved = {name: weight for name, weight in weights.items() if weight != weighted[name].weight}
    wrong = next((name for name, weight in moved.items() if weight is None), None)
    fault = words(language).gettext("the weight of %(part)s must be a number from 0 on, but is “%(text)s”")
    return Wish(
        Changes({name.removeprefix(WEIGHT): weight or 0.0 for name, weight in moved.items()}, **steps),
        steps | {name: texts[name] for name in moved},
        fault % {"part": weighted[wrong].name, "text": texts[wrong]} if wrong else None,
    )


def _weight(text: str) -> float | None:
    """The weight, None if it is none; a decimal comma is a point."""
    try:
        weight = float(text.replace(",", "."))
    except ValueError:
        return None
    return weight if isfinite(weight) and 0 <= weight < LARGEST else None


def _number(value: Any) -> Any:
    """A number of a frame, None if it is missing."""
    return None if pd.isna(value) or isnan(value) else value


def _tried(connection: Connection, method: Method, period: str, known_at: datetime) -> Tried:
    """The result of `tried`, from the recent ones if it is there."""
    key = (str(connection.engine.url), method.model_dump_json(), period, known_at)
    with _lock:
        if key in _recent:
            return _recent[key]
    found = tried(connection, method, period, known_at)
    with _lock:
        _recent[key] = found
        while len(_recent) > RECENT:
            _recent.popitem(last=False)
    return found
