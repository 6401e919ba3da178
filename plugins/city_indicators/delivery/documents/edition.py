"""Reads what a document shows of an edition: its frozen tables, and analyses computed from its data."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from city_indicators.analytics.ratings.method import Method
from city_indicators.catalog.reference import Reference
from city_indicators.core.errors import DocumentError
from city_indicators.delivery.documents import history
from city_indicators.delivery.documents.best_practices import BestPractices
from city_indicators.reports import ratings
from city_indicators.reports.editions.contents import beside_rating
from city_indicators.reports.past import method_of, reference_of, research_as_of
from city_indicators.reports.ratings import computed, rating_tables
from city_indicators.reports.research import Research
from city_indicators.reports.tables import Vintage
from city_indicators.warehouse.database import rows, rows_of

Row = dict[str, Any]


@dataclass(frozen=True)
class Frozen:
    """An edition: its row of report.edition, its method and reference, and its rows by their keys.

    `cities` are in the order of their ranks, those without one at the end. `names` are those of its codes,
    `texts` those of its sources; both are the current ones if the edition is older than their tables.
    `previous` is the edition of the rating that was published before, None if there is none.
    """

    row: Row
    method: Method
    reference: Reference
    cities: dict[str, Row]
    pillars: dict[tuple[str, str], Row]
    indicators: dict[tuple[str, str], Row]
    names: list[Row]
    texts: list[Row]
    previous: "Frozen | None"

    @classmethod
    def of(cls, connection: Connection, rating: str, edition: str, *, with_previous: bool = True) -> Self:
        """Read an edition.

        Raises:
            DocumentError: there is none with this number.
        """
        key = {"rating": rating, "edition": edition}
        found = rows(connection, "documents/edition", **key)
        if not found:
            raise DocumentError(
                f"{rating} {edition}", "there is no such edition", "choose one that the page Editions lists"
            )
        before = rows(connection, "documents/previous", **key) if with_previous else []
        return cls(
            row=found[0],
            method=method_of(connection, rating, found[0]["method_version"]),
            reference=reference_of(connection, found[0]["reference_id"]),
            cities={row["ref_area"]: row for row in rows(connection, "documents/cities", **key)},
            pillars={
                (row["ref_area"], row["pillar"]): row for row in rows(connection, "documents/pillars", **key)
            },
            indicators={
                (row["ref_area"], row["indicator"]): row
                for row in rows(connection, "documents/indicators", **key)
            },
            names=rows(connection, "documents/names", **key) or rows(connection, "export/code_names"),
            texts=rows(connection, "documents/sources", **key)
            or rows(connection, "export/sources", sources=None),
            previous=cls.of(connection, rating, before[0]["edition"], with_previous=False)
            if before
            else None,
        )

    @property
    def period(self) -> str:
        """The year that is rated."""
        return str(self.row["time_period"])

    @cached_property
    def ranked(self) -> list[Row]:
        """The rows of the ranked cities in the order of their ranks."""
        return [row for row in self.cities.values() if row["rank"] is not None]

    @cached_property
    def sources(self) -> dict[str, int]:
        """The number of values that each source gave, denominators among them."""
        used = [row for row in self.indicators.values() if row["raw_value"] is not None]
        named = [row["source"] for row in used]
        named += [row["denominator_source"] for row in used if row["denominator_source"]]
        return {source: named.count(source) for source in sorted(set(named))}


def analyses(connection: Connection, frozen: Frozen) -> dict[str, list[Row]]:
    """The tables of coherence, sensitivity and scenarios, computed from what the edition was computed from.

    Raises:
        DocumentError: the scores computed on the way differ from the published ones.
    """
    vintage = Vintage(frozen.row["known_at"])
    rating = computed(connection, frozen.method, frozen.reference, [frozen.period], vintage)
    tables = rating_tables(rating, frozen.reference)
    again = tables["rating"].set_index("ref_area")["score"].astype(float)
    published = pd.Series({area: row["score"] for area, row in frozen.cities.items()}, dtype=float)
    if not np.allclose(again.reindex(published.index), published, rtol=0, atol=1e-9, equal_nan=True):
        raise DocumentError(
            f"{frozen.row['rating']} {frozen.row['edition']}",
            "its scores, computed again from the data of then, differ from the published ones",
            "make it with the release of the project that published the edition",
        )
    wanted = ("rating_coherence", "rating_sensitivity", "rating_uncertainty")
    return {name: rows_of(tables[name]) for name in wanted if name in tables}


@dataclass(frozen=True)
class Computed:
    """An edition with what is computed from its data, once for all documents and languages."""

    connection: Connection
    frozen: Frozen

    @classmethod
    def of(cls, connection: Connection, rating: str, edition: str) -> Self:
        """Read an edition.

        Raises:
            DocumentError: there is none with this number.
        """
        return cls(connection, Frozen.of(connection, rating, edition))

    @cached_property
    def analyses(self) -> dict[str, list[Row]]:
        """The tables of `analyses`."""
        return analyses(self.connection, self.frozen)

    @cached_property
    def best_practices(self) -> BestPractices:
        """The best practices that the edition knew, with the evidence on them."""
        return BestPractices.of(self.connection, self.frozen.reference, self.frozen.row)

    @cached_property
    def trends(self) -> "Trends":
        """The tables of the research as of `trends`."""
        return trends(self.connection, self.frozen)

    @cached_property
    def ranks(self) -> pd.DataFrame:
        """The ranks of the years until that of the edition, as of `history.ranks`."""
        row, frozen = self.frozen.row, self.frozen
        return history.ranks(self.connection, frozen.method, frozen.reference, frozen.period, row["known_at"])

    @cached_property
    def series(self) -> dict[str, list[Row]]:
        """The series behind the values by city, as of `history.series`."""
        row = self.frozen.row
        return history.series(self.connection, row["rating"], row["edition"], row["known_at"])


@dataclass(frozen=True)
class Trends:
    """The tables of the research of an edition, their declarations, and the `trends` behind them by source.

    Megatrends are in the order of the declarations; `peers` are the cities most similar to each city.
    `are_frozen`: they are those of the edition's tables, not computed again.
    """

    declared: Research
    megatrends: list[Row]
    peers: list[Row]
    sources: list[Row]
    are_frozen: bool


def trends(connection: Connection, frozen: Frozen) -> Trends:
    """Read the tables of the research of an edition; compute them for one that is older than they are.

    Raises:
        LookupError: they were not computed before the edition.
    """
    row = frozen.row
    research = research_as_of(connection, row["known_at"])
    if research is None:
        raise LookupError("megatrends were not computed before the edition")
    key = {"rating": row["rating"], "edition": row["edition"]}
    if found := rows(connection, "documents/megatrends", **key):
        peers = rows(connection, "documents/peers", **key)
        return Trends(research, _in_order(research, found), peers, frozen.texts, are_frozen=True)
    values = pd.DataFrame(frozen.indicators.values())
    tables = beside_rating(connection, research, frozen.method, frozen.reference, values, row["known_at"])
    again = _in_order(research, rows_of(tables["megatrend"]))
    peers = rows_of(tables["city_peer"])
    return Trends(research, again, peers, rows_of(tables["source"]), are_frozen=False)


def _in_order(research: Research, megatrends: list[Row]) -> list[Row]:
    declared = research.megatrends.trends, research.trends.groups, research.trends.windows
    trends, groups, windows = ([entry.id for entry in entries] for entries in declared)
    return sorted(
        megatrends,
        key=lambda row: (
            trends.index(row["megatrend"]),
            groups.index(row["city_group"]),
            row["level"],
            windows.index(row["time_window"]),
        ),
    )


def observed(
    connection: Connection, frozen: Frozen, indicator: str, period: str, max_age: int = 0
) -> dict[str, Row]:
    """The observation of an indicator and a year, or of at most `max_age` years before, known to the edition.

    By city; a city without a value of its own has that of its country.
    """
    vintage = Vintage(frozen.row["known_at"])
    used = ratings.observed(connection, frozen.reference, [indicator], [period], max_age, vintage)
    return {row["ref_area"]: row for row in rows_of(used.preferred([period], max_age))}
