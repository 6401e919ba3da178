"""The rating and the year that a chart shows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from sqlalchemy import Connection

from city_indicators.analytics.ratings.method import Method
from city_indicators.core.languages import Language
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.web.charts import Parameters, lineage_address, sources_line
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.method_tree import Part, tree
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import rows


@dataclass(frozen=True)
class Rated:
    """A rating and a year, with the labels and sources of their charts."""

    method: Method
    key: dict[str, str]
    labels: Labels
    language: Language
    sources: list[str]

    @classmethod
    def of(cls, connection: Connection, language: Language, parameters: Parameters) -> Self | None:
        """What the parameters `rating` and `period` name; None if there is no such rating."""
        method = methods_as_of(connection).get(parameters.get("rating", ""))
        if method is None:
            return None
        key = {"rating": method.id, "period": parameters.get("period", "")}
        sources = sources_line(rows(connection, "web/rating_sources", **key), language)
        return cls(method, key, Labels(connection, language), language, sources)

    @cached_property
    def parts(self) -> list[Part]:
        """The parts of the method."""
        return tree(self.method, self.labels, self.language)

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of the parts by id, and that of the rating."""
        return {self.method.id: self.method.name.in_language(self.language)} | {
            part.id: part.name for part in self.parts
        }

    def first(self, connection: Connection, most: int, group: str = "") -> list[dict[str, Any]]:
        """The first ranked cities of a group (all if it is empty) and the first others: web/rating_page."""
        key = {**self.key, "group": group, "words": [], "language": self.language}
        return rows(connection, "web/rating_page", **key, most=most, before=0)

    def caption(self, subtitle: str, years: str = "") -> Caption:
        """The caption of a chart of the year, or of other `years`."""
        name = self.method.name.in_language(self.language)
        return Caption(f"{name}, {years or self.key['period']}", subtitle, self.sources)

    def link(self, table: str, **more: str) -> str:
        """The lineage of a row of a table of this rating, in the year unless `time_period` is another one."""
        key = {"rating": self.key["rating"], "time_period": self.key["period"], **more}
        return lineage_address(table, key, self.language)
