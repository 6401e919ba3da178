"""The live references of authors' texts: functions that give what the edition holds, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from city_indicators.analytics.ratings.method import MethodIndicator
from city_indicators.delivery.documents import (
    charts,
    formulas,
    pairs,
    phrases,
    practice_facts,
    tables,
    trend_tables,
)
from city_indicators.delivery.documents.edition import observed
from city_indicators.delivery.documents.markup import Markup, escaped, placeholder
from city_indicators.delivery.documents.model import Block
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.numbers import NOTHING


@dataclass(frozen=True)
class Named:
    """A city, a pillar, an indicator or a source in a loop of an author's text."""

    id: str
    name: str


@dataclass
class References:
    """The references of one document in one language; `made` collects the blocks that they make.

    Each raises LookupError for what the edition does not have.
    """

    shown: Shown
    made: list[Block] = field(default_factory=list)

    def functions(self) -> dict[str, Any]:
        """The names that authors use."""
        own: tuple[Callable[..., Any], ...] = (
            *(self.city, self.cities, self.score, self.rank, self.likely, self.place, self.coverage),
            *(self.value, self.pillar, self.pillars, self.indicators, self.strengths, self.gaps),
            *(self.compare, self.moved, self.higher, self.shared, self.count, self.status),
            *(self.megatrends, self.unassessed, self.directions, self.megatrend_bounds),
            *(self.code, self.has_chart, self.chart, self.table, self.formula, self.cite, self.sources),
        )
        named = {function.__name__: function for function in own}
        of_edition = {"edition": self.edition(), "method": self.method(), "previous": self.previous()}
        return named | of_edition | self.of_case()

    def of_case(self) -> dict[str, Any]:
        """The best practice and the evidence on it; nothing in a document of no case."""
        case = self.shown.of_case
        if case is None:
            return {}
        facts, evidence = practice_facts.facts(self.shown, case), practice_facts.compared(self.shown, case)
        return {"case": facts, "evidence": evidence}

    def edition(self) -> dict[str, Any]:
        """What identifies the edition."""
        row, show = self.shown.frozen.row, self.shown.numbers
        return {
            "number": row["edition"],
            "year": row["time_period"],
            "title": row["title"],
            "rating": self.shown.frozen.method.id,
            "checksum": row["checksum"],
            "citation": row["citation"],
            "known_at": show.moment(row["known_at"]),
            "published_at": show.day(row["published_at"]),
            "approved_by": row["approved_by"],
            "ranked": len(self.shown.frozen.ranked),
            "cities": len(self.shown.frozen.cities),
            "unranked": len(self.shown.frozen.cities) - len(self.shown.frozen.ranked),
            "sources": len(self.shown.sources),
        }

    def previous(self) -> str | None:
        """The number of the edition published before; None if there was none."""
        before = self.shown.frozen.previous
        return before.row["edition"] if before else None

    def method(self) -> dict[str, Any]:
        """What the method declares, as texts."""
        return formulas.facts(self.shown)

    def city(self, ref_area: str) -> str:
        """The name of a city."""
        return self.shown.name(self.shown.city(ref_area))

    def cities(self, n: int | None = None) -> list[Named]:
        """The first `n` ranked cities, or all."""
        return [Named(row["ref_area"], self.shown.name(row)) for row in self.shown.frozen.ranked[:n]]

    def score(self, ref_area: str, pillar: str | None = None) -> str:
        """The score of a city, or of one of its pillars."""
        city = self.shown.city(ref_area)
        if pillar is None:
            return self._present(self.shown.points(city["score"]), ref_area, "score")
        row = self.shown.frozen.pillars.get((ref_area, self.shown.part(pillar).id))
        return self._present(self.shown.points(row["score"] if row else None), ref_area, f"score in {pillar}")

    def rank(self, ref_area: str) -> str:
        """The rank of a city."""
        rank = self.shown.city(ref_area)["rank"]
        return self._present(NOTHING if rank is None else str(rank), ref_area, "rank")

    def likely(self, ref_area: str) -> str:
        """The likely ranks of a city."""
        return self._present(self.shown.likely(self.shown.city(ref_area)), ref_area, "interval of ranks")

    def place(self, ref_area: str) -> str:
        """The rank among all, as a phrase."""
        return phrases.place(self.shown, self.shown.city(ref_area))

    def coverage(self, ref_area: str) -> str:
        """The coverage of a city."""
        return self.shown.numbers.percent(self.shown.city(ref_area)["coverage"], 0)

    def value(self, indicator: str, ref_area: str, year: int | None = None) -> str:
        """The value that the edition uses of an indicator, or that of a year, as known to the edition."""
        self.shown.city(ref_area)
        if year is None:
            row = self.shown.frozen.indicators.get((ref_area, indicator))
            found = row["raw_value"] if row else None
        else:
            values = observed(self.shown.connection, self.shown.frozen, indicator, str(year))
            row = values.get(ref_area)
            found = row["obs_value"] if row else None
        text = self.shown.value(indicator, found, row["unit_measure"] if row else None)
        return self._present(text, ref_area, f"value of {indicator} in {year or 'the edition'}")

    def pillar(self, pillar: str) -> str:
        """The name of a pillar or an indicator."""
        return self.shown.part(pillar).name

    def pillars(self) -> list[Named]:
        """The pillars at the top of the method."""
        root = self.shown.frozen.method.pillars
        return [Named(pillar.id, self.shown.parts[pillar.id].name) for pillar in root]

    def indicators(self, pillar: str | None = None) -> list[Named]:
        """The indicators of the method, or those of a pillar and of the pillars in it."""
        method = self.shown.frozen.method
        declared = self.shown.part(pillar).declared if pillar else method.root
        if isinstance(declared, MethodIndicator):
            raise LookupError(f"{pillar!r} is an indicator, not a pillar")
        return [Named(leaf.id, self.shown.parts[leaf.id].name) for leaf in method.indicators_of(declared)]

    def strengths(self, ref_area: str, n: int = 3) -> list[Named]:
        """The `n` indicators in which a city has the most points."""
        return self._by(ref_area, n, lambda row: row["strength_rank"])

    def gaps(self, ref_area: str, n: int = 3) -> list[Named]:
        """The `n` indicators in which a city is farthest behind the best one."""
        return self._by(ref_area, n, lambda row: -row["gap_to_best"])

    def compare(self, first: str, second: str) -> str:
        """Which of two cities ranks above the other, as a phrase."""
        return phrases.compared(self.shown, self.shown.city(first), self.shown.city(second))

    def moved(self, ref_area: str) -> str:
        """How the rank of a city changed since the previous edition, as a phrase."""
        return phrases.moved(self.shown, self.shown.city(ref_area))

    def higher(self, indicator: str, first: str, second: str) -> str:
        """Which of two cities has the higher value, as a phrase."""
        return phrases.measured(self.shown, indicator, self.shown.city(first), self.shown.city(second))

    def shared(self, *cities: str) -> list[Named]:
        """The indicators of which all these cities have values that are comparable."""
        return [
            indicator
            for indicator in self.indicators()
            if not pairs.incomparable(self.shown, indicator.id, list(cities))
        ]

    def megatrends(self, verdict: str, group: str, window: str) -> list[Named]:
        """The megatrends with a verdict in a group and a window."""
        found = trend_tables.with_verdict(self.shown, verdict, group, window)
        return self._listed("megatrend", "megatrend_name_", found)

    def unassessed(self) -> list[Named]:
        """The megatrends for which no place was assessed."""
        return self._listed("megatrend", "megatrend_name_", trend_tables.unassessed(self.shown))

    def directions(self) -> list[Named]:
        """The directions in which a place was assessed for a megatrend."""
        found = [row for row in self.shown.trends.megatrends if row["places_assessed"]]
        return self._listed("megatrend_direction", "direction_name_", found)

    def megatrend_bounds(self) -> dict[str, Any]:
        """When a megatrend is confirmed, and how many are declared."""
        declared = self.shown.trends.declared.megatrends
        show = self.shown.numbers
        return {
            "clear_from": show.decimals(declared.clear_from, 1),
            "least_coverage": show.percent(declared.least_coverage, 0),
            "draft": declared.draft,
            "declared": len({row["megatrend"] for row in self.shown.trends.megatrends}),
        }

    def _listed(self, key: str, prefix: str, found: list[Any]) -> list[Named]:
        named = trend_tables.names_of(self.shown, key, prefix, found)
        return [Named(each, name) for each, name in named.items()]

    def count(self, number: int, noun: str) -> str:
        """A number with its noun."""
        return phrases.counted(self.shown.words, number, noun)

    def status(self) -> Markup:
        """Whether the method keeps to its bounds."""
        return Markup(phrases.status(self.shown))

    def code(self, text: str) -> Markup:
        """A text that a reader types or looks up, in a typewriter's letters; it has no backticks."""
        return Markup(f"`{text.replace('`', '')}`")

    def has_chart(self, name: str, **options: Any) -> bool:
        """Whether the edition has values for a chart."""
        return charts.has_values(self.shown, name, **options)

    def chart(self, name: str, **options: Any) -> Markup:
        """A chart."""
        return self._placed(charts.chart(self.shown, name, **options))

    def table(self, name: str, **options: Any) -> Markup:
        """A table."""
        return self._placed(tables.table(self.shown, name, **options))

    def formula(self, name: str) -> Markup:
        """A formula of the method."""
        return self._placed(formulas.formula(self.shown, name))

    def cite(self, source: str) -> Markup:
        """The number of a source of the edition in the list of sources."""
        for row in self.shown.sources:
            if row["source"] == source:
                return Markup(f"[{escaped('[')}{row['number']}{escaped(']')}](#sources)")
        raise LookupError(f"the edition uses no value of the source {source!r}")

    def sources(self) -> list[Named]:
        """The sources of the edition in the order of their numbers."""
        return [Named(row["source"], row["publisher"]) for row in self.shown.sources]

    def _by(self, ref_area: str, n: int, key: Callable[[Any], Any]) -> list[Named]:
        self.shown.city(ref_area)
        found = [
            row
            for (area, _), row in self.shown.frozen.indicators.items()
            if area == ref_area and row["normalised"] is not None and row["indicator"] in self.shown.parts
        ]
        found.sort(key=lambda row: (key(row), row["indicator"]))
        return [Named(row["indicator"], self.shown.parts[row["indicator"]].name) for row in found[:n]]

    def _placed(self, block: Block) -> Markup:
        self.made.append(block)
        return placeholder(len(self.made) - 1)

    def _present(self, text: str, ref_area: str, what: str) -> str:
        if text == NOTHING:
            raise LookupError(f"{ref_area!r} has no {what} in the edition")
        return text
