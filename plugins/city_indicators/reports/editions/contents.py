"""Computes the tables of an edition as known at a moment: its rating, and what belongs to it beside that."""

from collections.abc import Mapping

import pandas as pd
from sqlalchemy import Connection

from city_indicators.analytics.ratings.method import Method
from city_indicators.catalog.reference import Reference
from city_indicators.core.errors import EditionError
from city_indicators.reports.past import research_as_of
from city_indicators.reports.ratings import computed, published_tables
from city_indicators.reports.research import Research
from city_indicators.reports.tables import Vintage
from city_indicators.reports.trends import trend_tables
from city_indicators.warehouse.database import frame
from city_indicators.warehouse.moment import Moment
from city_indicators.warehouse.report_tables import report_tables


def contents(
    connection: Connection, method: Method, reference: Reference, period: str, known_at: Moment
) -> dict[str, pd.DataFrame]:
    """The tables `report.edition_<name>` by name, without the key of the edition; rows by their key.

    Raises:
        EditionError: the tables of the research were never computed.
    """
    research = research_as_of(connection, known_at)
    if research is None:
        fault = "has no megatrends, peers and evidence, which were never computed"
        raise EditionError(method.id, period, fault, "run refresh_reports, then propose it again")
    rating = published_tables(computed(connection, method, reference, [period], Vintage(known_at)), reference)
    indicators = rating["rating_indicator"]
    made = rating | beside_rating(connection, research, method, reference, indicators, known_at)
    return {name: _frozen(name, rows) for name, rows in made.items()}


def beside_rating(
    connection: Connection,
    research: Research,
    method: Method,
    reference: Reference,
    indicators: pd.DataFrame,
    known_at: Moment,
) -> dict[str, pd.DataFrame]:
    """The megatrends, peers, evidence, names and sources of an edition, `indicators` being its values.

    Names, directions of indicators and texts of sources are the current ones.
    """
    profile = frame(connection, "reports/city_profile/query", **reference.parameters(), known_at=known_at)
    linked = research.megatrends.indicators
    trends = trend_tables(connection, research.trends, reference, linked, known_at)["trend"]
    tables = research.products(connection, reference, profile, trends, known_at)
    evidence = tables["best_practice_evidence"]
    codes = {
        "place": {code for city in reference.cities for code in (city.ref_area, city.country)},
        "indicator": {*method.used, *linked, *evidence["indicator"]},
    }
    verdicts = trends.loc[trends["trend"].notna(), "source"]
    used = indicators[indicators["raw_value"].notna()]
    naming = (used["source"], used["denominator_source"], evidence["source"], verdicts)
    sources = {source for column in naming for source in column.dropna()}
    return {
        **tables,
        "name": _names(connection, codes),
        "source": _sources(connection, sources, verdicts),
    }


def _names(connection: Connection, codes: Mapping[str, set[str]]) -> pd.DataFrame:
    """The names of these codes by their list, and of all codes of the other lists."""
    found = frame(connection, "export/code_names")
    listed = zip(found["list"], found["code"], strict=True)
    return found[[code in codes.get(of_list, {code}) for of_list, code in listed]].rename(
        columns={"list": "code_list"}
    )


def _sources(connection: Connection, sources: set[str], verdicts: "pd.Series[str]") -> pd.DataFrame:
    """The texts of sources, each with the number of `verdicts` from it."""
    found = frame(connection, "export/sources", sources=sorted(sources)).rename(
        columns={"name": "source_name"}
    )
    return found.assign(trends=found["source"].map(verdicts.value_counts()).fillna(0))


def _frozen(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The columns that editions store, in the order of the checksum, and the rows in that of their key."""
    base, stored = report_tables().get(name), report_tables()[f"edition_{name}"]
    own = [column for column in stored.columns if column not in ("rating", "edition")]
    columns = base.editions.columns if base and base.editions else own
    return rows[list(columns)].sort_values([key for key in stored.key if key in own], ignore_index=True)
