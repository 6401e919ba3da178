"""The page Coverage: what the values of a rating, or of all indicators, rest on, and what is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import itemgetter
from statistics import median
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, Engine

from city_indicators.analytics.ratings.coverage import complete_weights, rests_on
from city_indicators.analytics.ratings.method import Method
from city_indicators.core.languages import Language, message, words
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.choices import chosen
from city_indicators.delivery.web.downloads import links
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.long_lists import A_PAGE, PageNumber, earlier, page_read
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.ratings import MAIN, years_of
from city_indicators.delivery.web.render import render
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import rows

NAVIGATION: Final = NavigationEntry(19, message("Coverage"), "coverage")

RESTS_ON: Final = {
    "own": ("●", message("the city's own")),
    "part": ("◆", message("a region, or another urban area")),
    "country": ("■", message("the country")),
    "estimated": ("▲", message("estimated or imputed")),
    "missing": ("✕", message("no value")),
}
"""What a value rests on, from the best to nothing, each with its sign and name."""


@dataclass(frozen=True)
class Coverage:
    """What the values of some cities rest on, by city and indicator.

    `indicators` has id, name, pillar (name) and weight (share of the score if nothing is missing; all
    indicators weigh the same if there is no rating), in the order of pillars and weights. `cities` has
    ref_area, name and shares (of the weight, by key of RESTS_ON), those with most at city level first; they
    are some of `total`. `cells` has rests_on, value_period, age (years) and geo_basis by city and indicator.
    `gaps` are the most incomplete cities, as `cities`; `counted` are the indicators with the number of
    `cities` of all by what their value rests on, `lost` (the missing weight) and `age` (median, years), the
    largest missing weight first.
    """

    title: str
    choice: dict[str, str]
    indicators: list[dict[str, Any]]
    cities: list[dict[str, Any]]
    total: int
    cells: dict[tuple[str, str], dict[str, Any]]
    sources: list[dict[str, Any]]
    gaps: list[dict[str, Any]]
    counted: list[dict[str, Any]]


@dataclass(frozen=True)
class Options:
    """What a reader can choose: ratings, years and pillars by id; `method` and the other fields are chosen.

    The rating may be empty: then the indicators of `pillar` are shown instead.
    """

    methods: dict[str, Method]
    ratings: dict[str, str]
    periods: dict[str, str]
    pillars: dict[str, str]
    choice: dict[str, str]


def router(services: Services) -> APIRouter:
    """The route `/coverage`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/coverage")
    def coverage(
        rating: str | None = None,
        period: str | None = None,
        pillar: str | None = None,
        number: PageNumber = 1,
        language: Language = "en",
    ) -> HTMLResponse:
        wanted = {
            name: value
            for name, value in {"rating": rating, "period": period, "pillar": pillar}.items()
            if value is not None
        }
        return render("coverage.html", language, page(services.warehouse(), wanted, number, language))

    return routes


def page(warehouse: Engine, wanted: Mapping[str, str], number: int, language: Language) -> dict[str, Any]:
    """What the template needs; before the first refresh only `options`, which is None.

    `cities` is a page of the cities; `gaps` are the most incomplete ones of all.

    Raises:
        HTTPException: there is no such choice or page.
    """
    with reading(warehouse) as connection:
        labels = Labels(connection, language)
        options = options_of(connection, wanted, labels, language)
        if options is None:
            return {"options": None, "here": "coverage"}
        found = coverage_of(connection, options, labels, language, earlier(number))
        choice = options.choice
        listed = page_read(found.cities, number, found.total)
        scores = rows(
            connection,
            "web/rating_of_cities",
            rating=choice["rating"],
            period=choice.get("period"),
            cities=[city["ref_area"] for city in found.cities],
        )
    _ = words(language).gettext
    of_year = [f"rating={choice['rating']}", f"time_period={choice.get('period')}"]
    return {
        "here": "coverage",
        "options": options,
        "choice_of": choice,
        "found": found,
        "titles": _titles(found, labels, language),
        "rests_on": {code: (sign, _(name)) for code, (sign, name) in RESTS_ON.items()},
        "scores": {row["ref_area"]: row for row in scores},
        "cities": listed,
        "gaps": _gaps(found),
        "labels": labels,
        "downloads": links("report.rating_indicator", language, of_year, ["csv", "xlsx"])
        if choice["rating"]
        else links("report.city_profile", language, formats=["csv", "xlsx"]),
    }


def options_of(
    connection: Connection, wanted: Mapping[str, str], labels: Labels, language: Language
) -> Options | None:
    """What can be chosen and what is; None if there is no rating yet."""
    methods = methods_as_of(connection)
    if not methods:
        return None
    _ = words(language).gettext
    ratings = {each.id: each.name.in_language(language) for each in methods.values()}
    ratings |= {"": _("all indicators (no rating)")}
    main = MAIN if MAIN in methods else next(iter(methods))
    rating = chosen("rating", ratings, wanted.get("rating"), main)
    if not rating:
        codes = [row["pillar"] for row in rows(connection, "web/pillars")]
        pillars = dict(sorted(((code, labels("pillar", code)) for code in codes), key=lambda pair: pair[1]))
        pillar = chosen("pillar", pillars, wanted.get("pillar"), next(iter(pillars)))
        return Options(methods, ratings, {}, pillars, {"rating": "", "pillar": pillar})
    periods = {each: each for each in years_of(connection, rating)}
    period = chosen("year", periods, wanted.get("period"), next(iter(periods), ""))
    return Options(methods, ratings, periods, {}, {"rating": rating, "period": period})


def coverage_of(
    connection: Connection, options: Options, labels: Labels, language: Language, before: int = 0
) -> Coverage:
    """The coverage of what is chosen: of a page of the cities, after so many, and of the most incomplete."""
    if method := options.methods.get(options.choice["rating"]):
        return _of_year(connection, method, options.choice["period"], labels, language, before)
    return _of_pillar(connection, options, labels, language, before)


def _of_year(
    connection: Connection, method: Method, period: str, labels: Labels, language: Language, before: int
) -> Coverage:
    """The coverage of a year of a rating."""
    key = {"rating": method.id, "period": period}
    cities = rows(connection, "web/coverage_cities", **key, **_page_of_cities(before, language))
    page, total = _page(cities, before)
    reported = Reported(
        rows(connection, "web/coverage_indicators", **key),
        page,
        rows(connection, "web/coverage", **key, cities=[city["ref_area"] for city in cities]),
        rows(connection, "web/rating_sources", **key),
    )
    found = of_rating(method, period, reported, labels, language)
    return replace(found, total=total, gaps=_most_incomplete(cities, labels))


def _of_pillar(
    connection: Connection, options: Options, labels: Labels, language: Language, before: int
) -> Coverage:
    """The coverage of the latest values of the indicators of a pillar."""
    pillar = options.choice["pillar"]
    counted = rows(connection, "web/profile_coverage_indicators", pillar=pillar)
    indicators = sorted({row["indicator"] for row in counted})
    bases = {(row["obs_status"], row["geo_basis"]): row["city_level"] for row in counted if row["cities"]}
    parameters = {
        "indicators": indicators,
        "statuses": [status for status, _ in bases],
        "bases": [basis for _, basis in bases],
        "kinds": [rests_on(*each, level) for each, level in bases.items()],
        **_page_of_cities(before, language),
    }
    cities = rows(connection, "web/profile_coverage_cities", **parameters) if indicators else []
    listed = [city["ref_area"] for city in cities]
    found = rows(connection, "web/profile_coverage", indicators=indicators, cities=listed)
    this_year = str(datetime.now(UTC).year)
    weights = dict.fromkeys(indicators, 1 / max(len(indicators), 1))
    shown = _indicators(counted, weights, options.pillars, labels)
    page, total = _page(cities, before)
    return Coverage(
        options.pillars[pillar],
        options.choice,
        shown,
        [_city(row, labels) for row in page],
        total,
        {(row["ref_area"], row["indicator"]): cell(row, this_year) for row in found},
        _sources(counted),
        _most_incomplete(cities, labels),
        _heaviest(_of_groups(each, counted, this_year, total) for each in shown),
    )


def _of_groups(
    indicator: dict[str, Any], groups: list[dict[str, Any]], this_year: str, total: int
) -> dict[str, Any]:
    """An indicator with its cities counted, by rows of web/profile_coverage_indicators."""
    own = [row for row in groups if row["indicator"] == indicator["id"] and row["cities"]]
    cities = dict.fromkeys(RESTS_ON, 0)
    for row in own:
        cities[rests_on(row["obs_status"], row["geo_basis"], row["city_level"])] += row["cities"]
    cities["missing"] = total - sum(cities.values())
    ages = [int(this_year) - int(row["time_period"]) for row in own for _ in range(row["cities"])]
    return _counted(indicator, cities, median(ages) if ages else None)


def _page_of_cities(before: int, language: Language) -> dict[str, Any]:
    return {"before": before, "most": A_PAGE, "language": language}


def _page(cities: list[dict[str, Any]], before: int) -> tuple[list[dict[str, Any]], int]:
    """Of rows of web/coverage_cities those of the page after so many; and how many cities there are."""
    page = [row for row in cities if before < row["place"] <= before + A_PAGE]
    return page, cities[0]["cities"] if cities else 0


def _most_incomplete(cities: list[dict[str, Any]], labels: Labels) -> list[dict[str, Any]]:
    gaps = sorted((row for row in cities if row["gap"] <= A_PAGE), key=itemgetter("gap"))
    return [_city(row, labels) for row in gaps]


def _city(row: dict[str, Any], labels: Labels) -> dict[str, Any]:
    return {
        "ref_area": row["ref_area"],
        "name": labels("ref_area", row["ref_area"]),
        "shares": {code: row[f"share_{code}"] for code in RESTS_ON},
    }


@dataclass(frozen=True)
class Reported:
    """What reports know of a year of a rating.

    Rows of report.indicator_coverage; of report.city_coverage, in the order in which they are shown; of
    web/coverage for these cities; and sources with publisher and licence.
    """

    indicators: list[dict[str, Any]]
    cities: list[dict[str, Any]]
    values: list[dict[str, Any]]
    sources: list[dict[str, Any]]


def of_rating(method: Method, period: str, reported: Reported, labels: Labels, language: str) -> Coverage:
    """The coverage of a year of a rating, without gaps."""
    names = {each.id: each.name.in_language(language) for each in method.root.below()}
    shown = _indicators(reported.indicators, complete_weights(method), names, labels)
    by_id = {row["indicator"]: row for row in reported.indicators}
    return Coverage(
        f"{method.name.in_language(language)}, {period}",
        {"rating": method.id, "period": period},
        shown,
        [_city(row, labels) for row in reported.cities],
        len(reported.cities),
        {(row["ref_area"], row["indicator"]): cell(row, period) for row in reported.values},
        reported.sources,
        [],
        _heaviest(
            _counted(
                each,
                {code: by_id[each["id"]][f"cities_{code}"] for code in RESTS_ON},
                by_id[each["id"]]["median_age"],
            )
            for each in shown
        ),
    )


def _indicators(
    found: list[dict[str, Any]], weights: Mapping[str, float], names: Mapping[str, str], labels: Labels
) -> list[dict[str, Any]]:
    """The indicators in the order of pillars and weights; `names` are those of the pillars."""
    pillars = {row["indicator"]: row["pillar"] for row in found}
    order = list(dict.fromkeys(pillars[indicator] for indicator in weights if indicator in pillars))
    return [
        {
            "id": indicator,
            "name": labels("indicator", indicator),
            "pillar": names.get(pillars[indicator], pillars[indicator]),
            "weight": weights[indicator],
        }
        for indicator in sorted(
            (each for each in weights if each in pillars),
            key=lambda each: (order.index(pillars[each]), -weights[each], each),
        )
    ]


def _sources(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({row["publisher"]: row for row in found if row["publisher"]}.values())


def cell(row: Mapping[str, Any], period: str) -> dict[str, Any]:
    """What a value rests on (a key of RESTS_ON), its year, and its age in years in the year `period`."""
    year = row["value_period"] if row["has_value"] else None
    return {
        "rests_on": rests_on(row["obs_status"], row["geo_basis"], row["city_level"])
        if row["has_value"]
        else "missing",
        "value_period": year,
        "age": int(period) - int(year) if year else None,
        "geo_basis": row["geo_basis"],
    }


def _counted(indicator: dict[str, Any], cities: dict[str, int], age: float | None) -> dict[str, Any]:
    lost = indicator["weight"] * cities["missing"] / max(sum(cities.values()), 1)
    return {**indicator, "cities": cities, "lost": lost, "age": age}


def _heaviest(counted: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(counted, key=lambda row: (-row["lost"], -row["weight"]))


def _titles(found: Coverage, labels: Labels, language: Language) -> dict[tuple[Any, ...], str]:
    """What a value rests on, in words, by what it rests on, its geographic basis and its age."""
    kinds = {(each["rests_on"], each["geo_basis"], each["age"]) for each in found.cells.values()}
    return {kind: _title(*kind, labels, language) for kind in kinds}


def _title(rests_on: str, basis: str | None, age: int | None, labels: Labels, language: Language) -> str:
    said = words(language)
    area = f", {labels('geo_basis', basis)}" if basis else ""
    years = "" if age is None else "; " + said.ngettext("%(num)s year old", "%(num)s years old", age)
    return said.gettext(RESTS_ON[rests_on][1]) + area + (years % {"num": age} if years else "")


def _gaps(found: Coverage) -> list[dict[str, Any]]:
    """The most incomplete cities with their `missing` indicators, the heaviest first."""
    heaviest = sorted(found.indicators, key=lambda each: -each["weight"])

    def missing(city: str) -> list[dict[str, Any]]:
        return [each for each in heaviest if found.cells[city, each["id"]]["rests_on"] == "missing"]

    return [{**city, "missing": missing(city["ref_area"])} for city in found.gaps]
