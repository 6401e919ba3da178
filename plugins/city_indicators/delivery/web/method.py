"""The page of a method: what a score is made of, and what its ranks depend on."""

from typing import Any, Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, Engine

from city_indicators.core.languages import Language
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.exports.texts import meaning
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.web.choices import city_named
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.long_lists import CHOICES
from city_indicators.delivery.web.method_charts import balance, pairs
from city_indicators.delivery.web.pages import Services
from city_indicators.delivery.web.rated import Rated
from city_indicators.delivery.web.ratings import decimals, years_of
from city_indicators.delivery.web.render import render
from city_indicators.delivery.web.worked import total, worked
from city_indicators.reports.past import methods_as_of
from city_indicators.warehouse.database import rows

WIDEST: Final = 5
"""How many cities with the widest intervals of ranks the page shows."""


def router(services: Services) -> APIRouter:
    """The route `/method/{rating}`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/method/{rating}")
    def method(
        rating: str, language: Language = "en", period: str | None = None, city: str | None = None
    ) -> HTMLResponse:
        content = page(services.warehouse(), rating, language, period or None, city or None)
        return render("method.html", language, content)

    return routes


def page(
    warehouse: Engine, rating: str, language: Language, period: str | None, city: str | None
) -> dict[str, Any]:
    """What the template needs. The default year is the latest one with ranks, the city the first one.

    Raises:
        HTTPException: there is no such rating, year or city.
    """
    with reading(warehouse) as connection:
        methods = methods_as_of(connection)
        if not methods:
            raise HTTPException(404, "there is no rating yet. Next step: run refresh_reports")
        if rating not in methods:
            raise HTTPException(
                404, f"there is no rating {rating!r}. Next step: choose one of {sorted(methods)}"
            )
        method = methods[rating]
        periods = years_of(connection, rating)
        if period and period not in periods:
            raise HTTPException(
                404, f"{rating} ranks nobody in {period!r}. Next step: choose one of the years {periods}"
            )
        labels = Labels(connection, language)
        key = {"rating": rating, "period": period or next(iter(periods), "")}
        shown = Rated(method, key, labels, language, [])
        (counts,) = rows(connection, "web/rating_counts", **key, group="")
        units = rows(connection, "web/method_units", indicators=method.used)
        return {
            "root": "../",
            "here": "ratings",
            "ratings": {each.id: each.name.in_language(language) for each in methods.values()},
            "method": method,
            "name": method.name.in_language(language),
            "labels": labels,
            "units": {row["indicator"]: labels("unit_measure", row["unit_measure"]) for row in units},
            "parts": shown.parts,
            "names": shown.names,
            "periods": {each: each for each in periods},
            "period": key["period"],
            "key": {"rating": rating, "time_period": key["period"]},
            **_example(connection, shown, counts, city),
            **_coherence(connection, shown),
            **_robustness(connection, shown),
            "ranked": counts["ranked"],
        }


def _example(
    connection: Connection, shown: Rated, counts: dict[str, Any], city: str | None
) -> dict[str, Any]:
    """The score of a city line by line."""
    city = city and city_named(connection, city)
    # Without ranks the first by name.
    chosen = city or next((row["ref_area"] for row in shown.first(connection, 1)), None)
    found = rows(connection, "web/rating_of_cities", **shown.key, cities=[chosen])
    if city and not found:
        raise HTTPException(404, f"there is no city {city!r} in this rating. Next step: choose one in Method")
    choices = rows(connection, "web/rated_cities", **shown.key, most=CHOICES + 1)
    values = rows(connection, "web/method_values", **shown.key, ref_area=chosen)
    pillars = rows(connection, "web/method_pillars", **shown.key, ref_area=chosen)
    lines = worked(shown.method, shown.parts, values, pillars, Numbers.of(shown.language))
    named = [(shown.labels("ref_area", row["ref_area"]), row["ref_area"]) for row in choices]
    return {
        "cities": {ref_area: name for name, ref_area in sorted(named)},
        "city": chosen,
        "city_name": shown.labels("ref_area", chosen),
        "lines": lines,
        "sum": total(lines),
        "score": found[0]["score"] if found else None,
        "score_decimals": decimals([counts["largest_of_all"] or 0]),
    }


def _coherence(connection: Connection, shown: Rated) -> dict[str, Any]:
    found = rows(connection, "web/method_coherence", **shown.key)
    order = {pillar: place for place, pillar in enumerate(shown.names)}
    alphas = [row for row in found if row["statistic"] in ("cronbach_alpha", "rank_interval")]
    return {
        "alphas": sorted(alphas, key=lambda row: (row["statistic"], order[row["pillar"]])),
        "balance": balance(shown, found),
        "pairs": pairs(shown, found),
        "status": _status(found, shown) if shown.method.coherence else None,
    }


def _status(found: list[dict[str, Any]], shown: Rated) -> str:
    outside = any(row["within_bounds"] is False for row in found)
    accepted = shown.method.coherence and shown.method.coherence.accepted
    return "within_bounds" if not outside else "accepted" if accepted else "draft"


def _robustness(connection: Connection, shown: Rated) -> dict[str, Any]:
    """What the ranks depend on, and how wide the likely ranks are."""
    sensitivity = rows(connection, "web/method_sensitivity", **shown.key)
    scenarios = rows(connection, "web/method_scenarios", **shown.key)
    widths = [
        {
            **row,
            "city": shown.labels("ref_area", row["ref_area"]),
            "likely": f"{row['rank_p05']:.0f}–{row['rank_p95']:.0f}",
        }
        for row in rows(connection, "web/method_widths", **shown.key, most=WIDEST)
    ]
    return {
        "factors": [row for row in sensitivity if row["kind"] == "factor"],
        "left_out": [row for row in sensitivity if row["kind"] == "left_out"],
        "scenarios": [{**row, "name": _scenario(row["scenario"], shown.language)} for row in scenarios],
        "widths": widths,
    }


def _scenario(code: str, language: Language) -> str:
    """The name of a scenario such as aggregation:geometric; options in parentheses stay as declared."""
    factor, _, alternative = code.partition(":")
    step, bracket, options = alternative.partition("(")
    name = meaning(factor, step, language) or step
    label = meaning("factor", factor, language) or factor
    return f"{label}: {name}{' (' if bracket else ''}{options}"
