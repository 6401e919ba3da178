"""The page Coverage: what the values of a rating, or of all indicators, rest on, and what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, Engine

from city_indicators.analytics.ratings.method import Method, Pillar
from city_indicators.core.languages import Language, message, words
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.choices import chosen
from city_indicators.delivery.web.downloads import links
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.long_lists import A_PAGE, PageNumber, page_of
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.ratings import MAIN
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
    """What each value rests on, by city and indicator.

    `indicators` has id, name, pillar (name) and weight (share of the score if nothing is missing; all
    indicators weigh the same if there is no rating), in the order of pillars and weights. `cities` has
    ref_area, name, shares (of the weight, by key of RESTS_ON) and city_level (share of the weight of values
    at city level, estimated ones too), the best first. `cells` has rests_on, value_period, age (years) and
    geo_basis by city and indicator.
    """

    title: str
    choice: dict[str, str]
    indicators: list[dict[str, Any]]
    cities: list[dict[str, Any]]
    cells: dict[tuple[str, str], dict[str, Any]]
    sources: list[dict[str, Any]]


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

    `cities` is a page of the cities; `gaps` are the most incomplete ones.

    Raises:
        HTTPException: there is no such choice or page.
    """
    with reading(warehouse) as connection:
        labels = Labels(connection, language)
        options = options_of(connection, wanted, labels, language)
        if options is None:
            return {"options": None, "here": "coverage"}
        found = coverage_of(connection, options, labels, language)
        choice = options.choice
        scores = rows(connection, "web/rating", rating=choice["rating"], period=choice.get("period"))
    _ = words(language).gettext
    gaps = _gaps(found)
    of_year = [f"rating={choice['rating']}", f"time_period={choice.get('period')}"]
    return {
        "here": "coverage",
        "options": options,
        "choice_of": choice,
        "found": found,
        "rests_on": {code: (sign, _(name)) for code, (sign, name) in RESTS_ON.items()},
        "scores": {row["ref_area"]: row for row in scores},
        "cities": page_of(found.cities, number),
        "gaps": gaps[:A_PAGE],
        "all_gaps": len(gaps),
        "by_indicator": by_indicator(found),
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
    known = [row["time_period"] for row in rows(connection, "web/periods", rating=rating)]
    periods = {each: each for each in known}
    period = chosen("year", periods, wanted.get("period"), next(iter(periods), ""))
    return Options(methods, ratings, periods, {}, {"rating": rating, "period": period})


def coverage_of(connection: Connection, options: Options, labels: Labels, language: Language) -> Coverage:
    """The coverage of what is chosen."""
    choice = options.choice
    if method := options.methods.get(choice["rating"]):
        found = rows(connection, "web/coverage", rating=method.id, period=choice["period"])
        return of_rating(found, method, choice["period"], labels, language)
    found = rows(connection, "web/coverage_of_profiles", pillar=choice["pillar"])
    indicators = {row["indicator"] for row in found}
    weights = dict.fromkeys(sorted(indicators), 1 / max(len(indicators), 1))
    cells = {(row["ref_area"], row["indicator"]): cell(row, str(datetime.now(UTC).year)) for row in found}
    shown = _indicators(found, weights, options.pillars, labels)
    title = options.pillars[choice["pillar"]]
    return Coverage(title, choice, shown, _cities(cells, weights, labels), cells, _sources(found))


def of_rating(
    found: list[dict[str, Any]], method: Method, period: str, labels: Labels, language: str
) -> Coverage:
    """The coverage of a year of a rating, by rows of web/coverage."""
    weights = complete_weights(method)
    cells = {(row["ref_area"], row["indicator"]): cell(row, period) for row in found}
    names = {each.id: each.name.in_language(language) for each in method.root.below()}
    shown = _indicators(found, weights, names, labels)
    title = f"{method.name.in_language(language)}, {period}"
    choice = {"rating": method.id, "period": period}
    return Coverage(title, choice, shown, _cities(cells, weights, labels), cells, _sources(found))


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


def complete_weights(method: Method) -> dict[str, float]:
    """The share of each indicator in the score if nothing is missing, 0 to 1, in the order of the method.

    The parts of a formula weigh the same, as in the city-level share by weight.
    """
    weights: dict[str, float] = {}

    def add(pillar: Pillar, own: float) -> None:
        for below in pillar.pillars:
            add(below, own * method.share(pillar, below))
        for leaf in pillar.indicators:
            weights[leaf.indicator] = weights.get(leaf.indicator, 0) + own * method.share(pillar, leaf)

    add(method.root, 1)
    return weights


def cell(row: Mapping[str, Any], period: str) -> dict[str, Any]:
    """What a value rests on (a key of RESTS_ON), its year, and its age in years in the year `period`."""
    if not row["has_value"]:
        rests_on = "missing"
    elif row["obs_status"] in ("E", "I"):
        rests_on = "estimated"
    elif row["city_level"]:
        rests_on = "own"
    else:
        rests_on = "country" if row["geo_basis"] == "country" else "part"
    year = row["value_period"] if row["has_value"] else None
    return {
        "rests_on": rests_on,
        "value_period": year,
        "age": int(period) - int(year) if year else None,
        "geo_basis": row["geo_basis"],
        "city_level": bool(row["has_value"] and row["city_level"]),
    }


def by_indicator(found: Coverage) -> list[dict[str, Any]]:
    """The cities by what their value rests on and the median age, the largest missing weight first."""
    counted = []
    for indicator in found.indicators:
        cells = [found.cells[city["ref_area"], indicator["id"]] for city in found.cities]
        kinds = [each["rests_on"] for each in cells]
        ages = [each["age"] for each in cells if each["age"] is not None]
        cities = {code: kinds.count(code) for code in RESTS_ON}
        lost = indicator["weight"] * cities["missing"] / max(len(kinds), 1)
        counted.append({**indicator, "cities": cities, "lost": lost, "age": median(ages) if ages else None})
    return sorted(counted, key=lambda row: (-row["lost"], -row["weight"]))


def _cities(
    cells: Mapping[tuple[str, str], Mapping[str, Any]], weights: Mapping[str, float], labels: Labels
) -> list[dict[str, Any]]:
    shares: dict[str, dict[str, float]] = {}
    level: dict[str, float] = {}
    for (city, indicator), each in cells.items():
        of_city = shares.setdefault(city, dict.fromkeys(RESTS_ON, 0.0))
        of_city[each["rests_on"]] += weights.get(indicator, 0)
        level[city] = level.get(city, 0) + weights.get(indicator, 0) * each["city_level"]
    named = [
        {
            "ref_area": city,
            "name": labels("ref_area", city),
            "shares": shares[city],
            "city_level": level[city],
        }
        for city in shares
    ]
    # Rounded, so that the order of equal shares does not depend on the last digit.
    return sorted(named, key=lambda city: (-round(city["city_level"], 9), city["name"]))


def _gaps(found: Coverage) -> list[dict[str, Any]]:
    """The cities with their `missing` indicators, the heaviest first; most missing weight first."""
    heaviest = sorted(found.indicators, key=lambda each: -each["weight"])

    def missing(city: str) -> list[dict[str, Any]]:
        return [each for each in heaviest if found.cells[city, each["id"]]["rests_on"] == "missing"]

    cities = [{**city, "missing": missing(city["ref_area"])} for city in found.cities]
    return sorted(cities, key=_most_missing)


def _most_missing(city: dict[str, Any]) -> tuple[float, float, str]:
    return -round(city["shares"]["missing"], 9), -round(city["shares"]["country"], 9), city["name"]
