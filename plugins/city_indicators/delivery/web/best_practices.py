"""The pages of best practices: the list with its filters, cases for a city's problems, and each case."""

from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, Engine

from city_indicators.core.languages import Language, message, name_in, words
from city_indicators.core.runs import run_address
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.choices import city_named
from city_indicators.delivery.web.digits import sensible, unit_of_change
from city_indicators.delivery.web.labels import Labels, named
from city_indicators.delivery.web.long_lists import CHOICES
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.practices import title, titled, written
from city_indicators.delivery.web.render import render
from city_indicators.warehouse.database import rows

NAVIGATION: Final = NavigationEntry(18, message("Best practices"), "best-practices")
FILTERS: Final = {
    "city": message("City"),
    "field": message("Field"),
    "sdg": message("Goal"),
    "year": message("Began in"),
    "award": message("Guangzhou Award"),
}
"""The filters of the list and their names."""
ANY: Final = "any"
"""The value of the filter `award` for the cases of any cycle."""
TERMS: Final = ("cycle", "stage", "case_status", "field", "innovation_type", "innovation_kind")
"""What a case has in all languages, in the order of its page."""


def router(services: Services) -> APIRouter:
    """The routes below `/best-practices`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/best-practices")
    def listed(
        search: str = "",
        city: str = "",
        field: str = "",
        sdg: str = "",
        year: str = "",
        award: str = "",
        problem_of: str = "",
        language: Language = "en",
    ) -> HTMLResponse:
        warehouse = services.warehouse()
        if problem_of:
            return render("problem.html", language, problem(warehouse, problem_of, language))
        chosen = {"city": city, "field": field, "sdg": sdg, "year": year, "award": award}
        return render("best_practices.html", language, page(warehouse, search, chosen, language))

    @routes.get("/best-practices/{case_id}")
    def case(case_id: str, language: Language = "en") -> HTMLResponse:
        return render("best_practice.html", language, case_page(services.warehouse(), case_id, language))

    return routes


def page(warehouse: Engine, search: str, chosen: dict[str, str], language: Language) -> dict[str, Any]:
    """What the template of the list needs: the cases found, and the values of each filter that cases have.

    Raises:
        HTTPException: a filter has a value that no case has.
    """
    with reading(warehouse) as connection:
        options = _options(connection, language)
        for name, value in chosen.items():
            if value not in options[name]:
                raise HTTPException(
                    404, f"no best practice has {name} {value!r}. Next step: choose one in Best practices"
                )
        wanted: dict[str, Any] = {name: value or None for name, value in chosen.items()}
        found = rows(connection, "web/best_practices", words=search.split(), **wanted)
        labels = Labels(connection, language)
        cities = {
            row["ref_area"]: labels("ref_area", row["ref_area"])
            for row in rows(connection, "web/city_ids", most=CHOICES + 1)
        }
    return {
        "labels": labels,
        "here": NAVIGATION.path,
        "search": search,
        "chosen": chosen,
        "options": {name: texts for name, texts in options.items() if len(texts) > 1},
        "names": {name: words(language).gettext(text) for name, text in FILTERS.items()},
        "cities_of_catalogue": {"": "–"} | dict(sorted(cities.items(), key=itemgetter(1))),
        "is_filtered": bool(search.strip() or any(chosen.values())),
        "cases": [_listed(case, language) for case in titled(found, language)],
    }


def problem(warehouse: Engine, city: str, language: Language) -> dict[str, Any]:
    """What the template of a city's problems needs: its weak indicators, each with `cases` of other cities.

    Raises:
        HTTPException: there is no such city.
    """
    with reading(warehouse) as connection:
        city = city_named(connection, city)
        weak = rows(connection, "web/weak_indicators", ref_area=city)
        indicators = [row["indicator"] for row in weak]
        found = rows(connection, "web/cases_of_indicators", ref_area=city, indicators=indicators)
        labels = Labels(connection, language)
    cases = [_listed(case, language) for case in titled(found, language)]
    by_indicator = {key: list(each) for key, each in groupby(cases, key=itemgetter("indicator"))}
    return {
        "labels": labels,
        "here": NAVIGATION.path,
        "ref_area": city,
        "weak": [
            {
                **row,
                "shown": sensible(row["obs_value"], row["unit_measure"], row["indicator"], language),
                "cases": by_indicator.get(row["indicator"], []),
            }
            for row in weak
        ],
        "improving": [case for case in cases if case["verdict"] == "better_than_peers"],
        "any_cases": bool(cases),
    }


def case_page(warehouse: Engine, case_id: str, language: Language) -> dict[str, Any]:
    """What the template of a case needs.

    Raises:
        HTTPException: there is no such case.
    """
    with reading(warehouse) as connection:
        found = rows(connection, "web/best_practice", case_id=case_id)
        if not found:
            raise HTTPException(
                404, f"there is no best practice {case_id!r}. Next step: choose one in Best practices"
            )
        evidence = rows(connection, "web/best_practice_evidence", case_id=case_id)
        labels = Labels(connection, language)
    case = found[0]
    return {
        "root": "../",
        "here": NAVIGATION.path,
        "labels": labels,
        "case": case,
        "title": title(case, language),
        "city": name_in(language, case, "city_name_"),
        "terms": {
            f"{term}_name": text for term in TERMS if (text := written(case, f"{term}_name_", language))
        },
        "goals": _listed_terms(case, "sdg_names", language),
        "criteria": _listed_terms(case, "criterion_names", language),
        "file": named(case["url"]),
        "run": run_address(case["dag_id"], case["run_id"]),
        "evidence": _compared(evidence[0], language) if evidence else None,
        "unit_of_change": unit_of_change(evidence[0]["unit_measure"], labels, language) if evidence else "",
    }


def _options(connection: Connection, language: Language) -> dict[str, dict[str, str]]:
    """The values of each filter with their names, the empty value for all first."""
    _ = words(language).gettext
    options = {name: {"": _("all")} for name in FILTERS}
    found = rows(connection, "web/best_practice_choices")
    if any(row["filter"] == "award" for row in found):
        options["award"][ANY] = _("any cycle")
    for row in sorted(found, key=lambda row: (row["position"] or 0, name_in(language, row))):
        name = name_in(language, row)
        options[row["filter"]][row["value"]] = f"{row['value']}. {name}" if row["filter"] == "sdg" else name
    return options


def _listed(case: dict[str, Any], language: Language) -> dict[str, Any]:
    award = [text for term in ("stage", "cycle") if (text := written(case, f"{term}_name_", language))]
    return {
        **case,
        "city": name_in(language, case, "city_name_"),
        "award": ", ".join(text.text for text in award),
    }


def _listed_terms(case: dict[str, Any], names: str, language: Language) -> list[str]:
    return list(case.get(f"{names}_{language}") or case[f"{names}_en"])


def _compared(evidence: dict[str, Any], language: Language) -> dict[str, Any]:
    """The evidence with `rows` of the city and its peers before and after, as shown."""

    def shown(value: float | None) -> str:
        return sensible(value, evidence["unit_measure"], evidence["indicator"], language)

    if evidence["did"] is None:
        return evidence
    parts = {
        who: (
            evidence[f"{who}_before"],
            evidence[f"{who}_after"],
            evidence[f"{who}_after"] - evidence[f"{who}_before"],
        )
        for who in ("city", "peers")
    }
    return {
        **evidence,
        "parts": {who: [(value, shown(value)) for value in values] for who, values in parts.items()},
        **{f"{name}_shown": shown(evidence[name]) for name in ("did", "did_low", "did_high")},
    }
