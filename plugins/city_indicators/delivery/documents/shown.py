"""An edition as readers of a language see it: names, numbers and notes."""

from dataclasses import dataclass, replace
from functools import cached_property
from gettext import NullTranslations
from urllib.parse import urlencode

from sqlalchemy import Connection

from city_indicators.core.languages import name_in, words
from city_indicators.delivery.documents.best_practices import Case
from city_indicators.delivery.documents.edition import Computed, Frozen, Row, Trends
from city_indicators.delivery.documents.model import Note
from city_indicators.delivery.exports.facts import names_in
from city_indicators.delivery.exports.texts import label_of
from city_indicators.delivery.numbers import NOTHING, Numbers
from city_indicators.delivery.web.charts import sources_line
from city_indicators.delivery.web.labels import Labels, named
from city_indicators.delivery.web.method_tree import Part
from city_indicators.delivery.web.rated import Rated
from city_indicators.delivery.web.ratings import decimals

SIGNS = ("PT", "CODE", "YEAR")
"""Units that are written with the number, or not at all."""


@dataclass(frozen=True)
class Shown:
    """An edition in one language, and a best practice beside it if the document is of one.

    Texts and numbers of documents come from here. `pages` is the address of the pages that notes lead to;
    None for notes without one.
    """

    computed: Computed
    language: str
    of_case: Case | None = None
    pages: str | None = None

    @property
    def connection(self) -> Connection:
        """The warehouse."""
        return self.computed.connection

    @property
    def frozen(self) -> Frozen:
        """The edition itself."""
        return self.computed.frozen

    @cached_property
    def words(self) -> NullTranslations:
        """The messages of the language."""
        return words(self.language)

    @cached_property
    def numbers(self) -> Numbers:
        """The formats of numbers of the language."""
        return Numbers.of(self.language)

    @cached_property
    def labels(self) -> Labels:
        """The labels of codes in the language, with the names of the edition."""
        return Labels(self.connection, self.language, names_in(self.language, self.frozen.names))

    @property
    def case(self) -> Case:
        """The best practice that the document is of.

        Raises:
            LookupError: it is of none.
        """
        if self.of_case is None:
            raise LookupError("the document is of no case; declare one with `of: case`")
        return self.of_case

    @property
    def analyses(self) -> dict[str, list[Row]]:
        """The tables of `edition.analyses`."""
        return self.computed.analyses

    @property
    def trends(self) -> Trends:
        """The megatrends as of `edition.trends`."""
        return self.computed.trends

    @property
    def factors(self) -> list[Row]:
        """The sensitivity of the ranks to each factor, the strongest first."""
        return sorted(self._sensitivity("factor"), key=lambda row: -row["st"])

    @property
    def left_out(self) -> list[Row]:
        """How far the ranks move without each part, the farthest first."""
        return sorted(self._sensitivity("left_out"), key=lambda row: -row["mean_abs_rank_shift"])

    def _sensitivity(self, kind: str) -> list[Row]:
        found = [row for row in self.analyses["rating_sensitivity"] if row["kind"] == kind]
        return sorted(found, key=lambda row: str(row["factor"]))

    @cached_property
    def sources(self) -> list[Row]:
        """The sources of the edition by name, each with its `number` and the number of `values`."""
        used = self.frozen.sources
        found = [row for row in self.frozen.texts if row["source"] in used]
        ordered = sorted(found, key=lambda row: (row["publisher"], row["source"]))
        return [
            {**row, "number": number, "values": used[row["source"]]}
            for number, row in enumerate(ordered, start=1)
        ]

    @cached_property
    def source_names(self) -> dict[str, str]:
        """The names of the sources of the edition by id."""
        return {row["source"]: row["name"] for row in self.sources}

    @cached_property
    def rated(self) -> Rated:
        """What the charts of the pages need."""
        key = {"rating": self.frozen.method.id, "period": self.frozen.period}
        line = sources_line(self.sources, self.language)
        return Rated(self.frozen.method, key, self.labels, self.language, line)

    @cached_property
    def parts(self) -> dict[str, Part]:
        """The pillars and indicators of the method by id, in its order."""
        return {part.id: part for part in self.rated.parts}

    def city(self, ref_area: str) -> Row:
        """The row of a city.

        Raises:
            LookupError: the edition does not have it.
        """
        if ref_area not in self.frozen.cities:
            raise LookupError(f"there is no city {ref_area!r} in the edition")
        return self.frozen.cities[ref_area]

    def part(self, part: str) -> Part:
        """A pillar or an indicator.

        Raises:
            LookupError: the method does not have it.
        """
        if part not in self.parts:
            raise LookupError(f"there is no pillar or indicator {part!r} in the method")
        return self.parts[part]

    def values_of(self, indicator: str) -> list[Row]:
        """The rows of the cities that have a value of an indicator."""
        rows_of = (row for (_, each), row in self.frozen.indicators.items() if each == indicator)
        return [row for row in rows_of if row["raw_value"] is not None]

    def name(self, city: Row) -> str:
        """The name of a city."""
        return name_in(self.language, city, "city_name_")

    def name_of_country(self, city: Row) -> str:
        """The name of a city's country."""
        return self.labels("country", city["country"])

    @property
    def before(self) -> Frozen:
        """The edition of the rating that was published before.

        Raises:
            LookupError: there is none.
        """
        if self.frozen.previous is None:
            raise LookupError("there is no earlier edition; put this in {% if previous() %}")
        return self.frozen.previous

    def points(self, score: float | None) -> str:
        """A score with the decimals of the scores of this edition."""
        return self.numbers.decimals(score, self._decimals)

    @cached_property
    def _decimals(self) -> int:
        return decimals([row["score"] for row in self.frozen.ranked])

    def likely(self, city: Row) -> str:
        """The interval of the ranks that are likely; a dash without one."""
        return NOTHING if city["rank_p05"] is None else f"{city['rank_p05']:.0f}–{city['rank_p95']:.0f}"

    def value(self, indicator: str, value: float | None, unit: str | None) -> str:
        """A value with its unit; the label of a code."""
        if value is None or unit is None:
            return NOTHING
        if label := label_of(indicator, value, self.language):
            return label
        if unit == "PT":
            return self.numbers.percent(value / 100)
        number = f"{value:.0f}" if unit == "YEAR" else self.numbers.number(value)
        return number if unit in SIGNS else f"{number} {self.labels('unit_measure', unit)}"

    def note(self, table: str) -> Note:
        """Where the values of a chart or table are, so that a reader can follow each to its source."""
        _ = self.words.gettext
        text = _("Edition %(edition)s, SHA-256 %(checksum)s; lineage of each value: %(table)s")
        return self._note(text, table=f"report.{table}")

    def note_of_city(self, ref_area: str) -> Note:
        """The same for a table of one city: the page shows the observations that the edition used of it."""
        row = self.frozen.row
        key = {"rating": row["rating"], "edition": row["edition"], "ref_area": ref_area}
        note = self.note("edition_rating_indicator")
        return replace(note, address=self._page("lineage/edition_rating", **key))

    def note_of_table(self, table: str) -> Note:
        """The same for a table whose rows are no single values."""
        _ = self.words.gettext
        text = _("Edition %(edition)s, SHA-256 %(checksum)s; stored in %(table)s")
        return self._note(text, table=f"report.{table}")

    def note_of_analysis(self) -> Note:
        """The same for what is computed again from the data of the edition."""
        _ = self.words.gettext
        text = _(
            "Computed from the data of edition %(edition)s (SHA-256 %(checksum)s), as known on %(known_at)s"
        )
        return self._note(text)

    def note_of_evidence(self) -> Note:
        """The same for the evidence on the best practice; its page shows the observations compared."""
        if not self.computed.best_practices.are_frozen:
            return self.note_of_analysis()
        row = self.frozen.row
        key = {"rating": row["rating"], "edition": row["edition"], "case_id": self.case.id}
        table = "edition_best_practice_evidence"
        return replace(self.note_of_table(table), address=self._page(f"lineage/{table}", **key))

    def note_of_case(self) -> Note:
        """Which file the facts of the best practice were read from."""
        _ = self.words.gettext
        text = _(
            "Version %(version)s of the case in report.best_practice; row %(row)s of %(file)s, "
            "SHA-256 %(sha256)s"
        )
        facts = self.case.facts
        filled = text % {
            "version": facts["version"],
            "row": facts["row_number"],
            "file": named(facts["url"]),
            "sha256": facts["sha256"][:16],
        }
        return Note(filled, self._page(f"best-practices/{self.case.id}"))

    def note_of_method(self) -> Note:
        """The same for what the method declares."""
        _ = self.words.gettext
        text = _("Method %(method)s of edition %(edition)s (SHA-256 %(checksum)s); stored in %(table)s")
        return self._note(text, table="catalog.method")

    def _note(self, text: str, **more: str) -> Note:
        row = self.frozen.row
        filled = text % {
            "edition": row["edition"],
            "checksum": row["checksum"][:16],
            "method": row["method_version"],
            "known_at": self.numbers.moment(row["known_at"]),
            **more,
        }
        return Note(filled, self._page("editions", rating=row["rating"], edition=row["edition"]))

    def _page(self, path: str, **parameters: str) -> str:
        """The address of a page, empty if notes lead to none."""
        if self.pages is None:
            return ""
        return f"{self.pages}/{path}?{urlencode({**parameters, 'language': self.language})}"
