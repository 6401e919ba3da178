"""The pages Trends: verdicts on megatrends, the evidence for each, and the trends of single places."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, Engine

from city_indicators.analytics.trends.convergence import Members
from city_indicators.analytics.trends.megatrends import SIGNS, Megatrend
from city_indicators.catalog.reference import Reference
from city_indicators.core.languages import Language, message, name_in, words
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.exports.texts import codes, meaning
from city_indicators.delivery.web.choices import chosen
from city_indicators.delivery.web.digits import unit_of_change
from city_indicators.delivery.web.downloads import links
from city_indicators.delivery.web.labels import Labels
from city_indicators.delivery.web.long_lists import PageNumber, bounds, page_read
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.render import render
from city_indicators.reports.past import reference_as_of, research_as_of
from city_indicators.reports.research import Research
from city_indicators.warehouse.database import rows

NAVIGATION = NavigationEntry(16, message("Trends"), "trends")


@dataclass(frozen=True)
class Declarations:
    """What the trends were computed with, in the language of a reader, and the places of each group."""

    research: Research
    windows: dict[str, str]
    groups: dict[str, str]
    levels: dict[str, str]
    members: Members

    @property
    def all_places(self) -> str:
        """The group with all places, or the first one."""
        free = [
            group.id for group in self.research.trends.groups if not (group.in_group or group.not_in_group)
        ]
        return next(iter(free), next(iter(self.groups)))

    def window(self, wanted: str | None) -> str:
        """The window of the address, or the first."""
        return chosen("window", self.windows, wanted, next(iter(self.windows)))

    def group(self, wanted: str | None) -> str:
        """The group of the address, or that of all places."""
        return chosen("group", self.groups, wanted, self.all_places)

    def megatrend(self, wanted: str) -> Megatrend:
        """A declared megatrend.

        Raises:
            HTTPException: 404, it is not declared.
        """
        found = {each.id: each for each in self.research.megatrends.trends}
        chosen("megatrend", dict.fromkeys(found, ""), wanted, "")
        return found[wanted]


def router(services: Services) -> APIRouter:
    """The routes below `/trends`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/trends")
    def trends(window: str | None = None, language: Language = "en") -> HTMLResponse:
        return render("trends.html", language, overview(services.warehouse(), window, language))

    @routes.get("/trends/places")
    def places(
        indicator: str | None = None,
        window: str | None = None,
        group: str | None = None,
        level: str | None = None,
        number: PageNumber = 1,
        language: Language = "en",
    ) -> HTMLResponse:
        wanted = {"indicator": indicator, "window": window, "group": group, "level": level}
        content = of_places(services.warehouse(), wanted, number, language)
        return render("trend_places.html", language, content)

    @routes.get("/trends/{megatrend}")
    def megatrend(
        megatrend: str,
        window: str | None = None,
        group: str | None = None,
        level: str | None = None,
        language: Language = "en",
    ) -> HTMLResponse:
        wanted = {"window": window, "group": group, "level": level}
        content = evidence(services.warehouse(), megatrend, wanted, language)
        return render("megatrend.html", language, content)

    return routes


def declarations(connection: Connection, language: Language) -> Declarations | None:
    """What the latest trends were computed with; None before the first refresh."""
    research = research_as_of(connection)
    if research is None:
        return None
    return declared_in(research, reference_as_of(connection).reference, language)


def declared_in(research: Research, reference: Reference, language: str) -> Declarations:
    """What a research declares, in a language."""
    declared = research.trends
    return Declarations(
        research,
        {each.id: each.name.in_language(language) for each in declared.windows},
        {each.id: each.name.in_language(language) for each in declared.groups},
        {code: meaning("level", code, language) or code for code in codes()["level"]},
        declared.members(reference),
    )


def overview(warehouse: Engine, window: str | None, language: Language) -> dict[str, Any]:
    """What the template needs: the verdicts of a window by megatrend, level and group.

    Before the first refresh there is only `declared`, which is None.
    """
    with reading(warehouse) as connection:
        declared = declarations(connection, language)
        if declared is None:
            return {"declared": None, "here": "trends"}
        shown = declared.window(window)
        found = rows(connection, "web/megatrends", megatrend=None)
    found = [row for row in found if row["time_window"] == shown]
    directions = {
        each.id: each.name.in_language(language) for each in declared.research.megatrends.directions
    }
    return {
        "declared": declared,
        "draft": any(row["draft"] for row in found),
        "here": "trends",
        "window": shown,
        "assessed": [code for code in declared.levels if _assessed(found, code)],
        "verdicts": {(row["megatrend"], row["level"], row["city_group"]): row for row in found},
        "by_direction": {
            name: [
                {"id": each.id, "name": each.name.in_language(language)}
                for each in declared.research.megatrends.trends
                if each.direction == direction
            ]
            for direction, name in directions.items()
        },
        "downloads": links("report.megatrend", language, [f"time_window={shown}"], ["csv"]),
    }


def evidence(
    warehouse: Engine, megatrend: str, wanted: dict[str, str | None], language: Language
) -> dict[str, Any]:
    """What the template needs: the verdicts on a megatrend, what is expected, and its cases.

    The default level is the one with most places assessed. Before the first refresh there is only `declared`,
    which is None.
    """
    with reading(warehouse) as connection:
        declared = declarations(connection, language)
        if declared is None:
            return {"declared": None, "root": "../"}
        trend = declared.megatrend(megatrend)
        window, group = declared.window(wanted["window"]), declared.group(wanted["group"])
        verdicts = rows(connection, "web/megatrends", megatrend=trend.id)
        by_key = {(row["city_group"], row["level"], row["time_window"]): row for row in verdicts}
        level = chosen("level", declared.levels, wanted["level"], _level(by_key, declared, group, window))
        shown = by_key.get((group, level, window))
        wanted_series = {"indicators": [link.indicator for link in trend.indicators], "time_window": window}
        series = rows(connection, "web/trends", **wanted_series, places=None, most=None, before=0)
        cases = rows(connection, "web/megatrend_cases", cases=shown["cases"] if shown else [])
        labels = Labels(connection, language)
    places = within(series, declared, group, level)
    names = {each.id: each.name.in_language(language) for each in declared.research.megatrends.directions}
    return {
        "declared": declared,
        "root": "../",
        "here": "trends",
        "megatrend": trend,
        "name": trend.name.in_language(language),
        "direction": names[trend.direction],
        "draft": declared.research.megatrends.draft,
        "choice_of": {"window": window, "group": group, "level": level},
        "verdicts": by_key,
        "shown": shown,
        "expected": [
            {
                **link.model_dump(),
                **expectation(places, link.indicator, link.expected),
                "has_series": any(row["indicator"] == link.indicator for row in series),
            }
            for link in trend.indicators
        ],
        "cases": [{**case, **_case_names(case, language)} for case in cases],
        "labels": labels,
    }


def of_places(
    warehouse: Engine, wanted: dict[str, str | None], number: int, language: Language
) -> dict[str, Any]:
    """What the template needs: a page of the trends of a group's places for an indicator and a window.

    The default indicator is the one with most verdicts. Before the first refresh there is only `declared`,
    which is None; `indicators` is empty if no place has a series in the window.
    """
    with reading(warehouse) as connection:
        declared = declarations(connection, language)
        if declared is None:
            return {"declared": None, "root": "../"}
        window, group = declared.window(wanted["window"]), declared.group(wanted["group"])
        levels = {"": words(language).gettext("cities and countries")} | declared.levels
        level = chosen("level", levels, wanted["level"], "")
        labels = Labels(connection, language)
        counted = rows(connection, "web/trend_indicators", time_window=window)
        names = {row["indicator"]: labels("indicator", row["indicator"]) for row in counted}
        known = dict(sorted(names.items(), key=lambda pair: pair[1]))
        most = max(counted, key=lambda row: (row["verdicts"], row["slopes"]), default={"indicator": ""})
        indicator = chosen("indicator with a series", known, wanted["indicator"], most["indicator"])
        chosen_ones = {
            "indicators": [indicator],
            "time_window": window,
            "places": sorted(places_of(declared, group, level)),
        }
        found = rows(connection, "web/trends", **chosen_ones, **bounds(number))
    where = [f"indicator={indicator}", f"time_window={window}"]
    return {
        "declared": declared,
        "root": "../",
        "here": "trends",
        "indicators": known,
        "levels": levels,
        "choice_of": {"indicator": indicator, "window": window, "group": group, "level": level},
        "trends": page_read(found, number, found[0]["series"] if found else 0),
        "unit": unit_of_change(found[0]["unit_measure"], labels, language) if found else "",
        "labels": labels,
        "downloads": links("report.trend", language, where, ["csv", "xlsx"]),
    }


def within(
    trends: list[dict[str, Any]], declared: Declarations, group: str, level: str
) -> list[dict[str, Any]]:
    """The trends of the places of a group at a level, or at any level if it is empty."""
    places = places_of(declared, group, level)
    return [row for row in trends if row["ref_area"] in places]


def places_of(declared: Declarations, group: str, level: str) -> set[str]:
    """The places of a group at a level, or at any level if it is empty."""
    levels = [level] if level else list(declared.levels)
    return {place for each in levels for place in declared.members[group, each]}


def expectation(trends: list[dict[str, Any]], indicator: str, expected: str) -> dict[str, int]:
    """How many places move as expected, against it, or neither way, and how many have a slope."""
    of_indicator = [row for row in trends if row["indicator"] == indicator]
    votes = Counter(SIGNS[row["trend"]] * SIGNS[expected] for row in of_indicator if row["trend"])
    return {
        "places_for": votes[1],
        "places_against": votes[-1],
        "places_none": votes[0],
        "without_verdict": len(of_indicator) - votes.total(),
        "slopes": sum(row["slope"] is not None for row in of_indicator),
    }


def _level(verdicts: dict[Any, dict[str, Any]], declared: Declarations, group: str, window: str) -> str:
    return max(
        declared.levels, key=lambda level: verdicts.get((group, level, window), {}).get("places_assessed", 0)
    )


def _assessed(found: list[dict[str, Any]], level: str) -> bool:
    return any(row["level"] == level and row["places_assessed"] for row in found)


def _case_names(case: dict[str, Any], language: Language) -> dict[str, str]:
    return {
        name: name_in(language, case, f"{name}_") if case[f"{name}_en"] else ""
        for name in ("name", "field_name", "case_status_name")
    }
