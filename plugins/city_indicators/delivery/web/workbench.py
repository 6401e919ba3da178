"""The page Workbench: the ranks of a rating if its weights or steps were others. It changes nothing."""

from typing import Any, Final

import yaml
from fastapi import APIRouter, HTTPException
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection
from starlette.requests import Request

from city_indicators.analytics.ratings.method import Method
from city_indicators.core.errors import MethodError
from city_indicators.core.languages import DECLARED, Language, message, words
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.exports.texts import meaning
from city_indicators.delivery.web.charts import Chart
from city_indicators.delivery.web.method_tree import shares_of
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.ratings import MAIN, decimals
from city_indicators.delivery.web.render import render
from city_indicators.delivery.web.trial import STEPS, WEIGHT, Trial, opened
from city_indicators.delivery.web.trial_charts import moves
from city_indicators.reports.past import methods_as_of
from city_indicators.reports.workbench import DRAWS

NAVIGATION: Final = NavigationEntry(15, message("Workbench"), "workbench")
CHARTS: Final[dict[str, Chart]] = {"workbench": moves}
CHANGED: Final = message("%s, changed")


def router(services: Services) -> APIRouter:
    """The routes `/workbench`, `/workbench/{rating}` and its `method.yaml`; the app demands the login."""
    routes = APIRouter()

    @routes.get("/workbench")
    def start(language: Language = "en") -> RedirectResponse:
        with reading(services.warehouse()) as connection:
            known = [MAIN, *methods_as_of(connection)]
        rating = MAIN if MAIN in known[1:] else known[-1]
        return RedirectResponse(f"workbench/{rating}?language={language}")

    @routes.get("/workbench/{rating}")
    def workbench(rating: str, request: Request, language: Language = "en") -> Response:
        given = dict(request.query_params)
        with reading(services.warehouse()) as connection:
            trial = opened(connection, rating, given, language)
            if trial is None:
                return render("workbench.html", language, {"root": "../", "here": NAVIGATION.path})
            if given.keys() - trial.wish.fields.keys() - {"period", "language", "city"}:
                # A form sends every field: the address keeps those that are changed.
                city = {"city": given["city"]} if given.get("city") else {}
                return RedirectResponse(f"?{trial.address(**city)}", 303)
            return render("workbench.html", language, page(connection, trial, given.get("city") or None))

    @routes.get("/workbench/{rating}/method.yaml")
    def method(rating: str, request: Request, language: Language = "en") -> Response:
        with reading(services.warehouse()) as connection:
            trial = opened(connection, rating, dict(request.query_params), language)
        if trial is None:
            raise HTTPException(404, "there is no rating yet. Next step: run refresh_reports")
        try:
            return _download(file_of(trial.method, trial.changed, str(request.url)), trial.method)
        except MethodError as error:
            raise HTTPException(
                422, f"{error}. Next step: change it in the workbench, then save it again"
            ) from error

    return routes


def file_of(declared: Method, changed: Method, address: str) -> str:
    """The changed method as a method file, with a comment that says where it is from."""
    names = declared.name.model_dump()
    document = changed.model_dump(mode="json", exclude_unset=True) | {
        "id": f"{declared.id}_changed",
        "version": "1.0.0",
        "name": {language: words(language).gettext(CHANGED) % names[language] for language in DECLARED},
    }
    origin = f"# Made in the workbench from {declared.id}, version {declared.version}:\n# {address}\n"
    return origin + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def page(connection: Connection, trial: Trial, city: str | None) -> dict[str, Any]:
    """What the template needs; `fault` says why nothing can be computed, else it is None.

    Raises:
        HTTPException: there is no such city.
    """
    try:
        made, unsure, fault = trial.moves(connection), trial.tried(connection).fault, None
        shares, varied = shares_of(trial.changed), trial.changed.uncertainty
        factors = varied.factors.declared if varied and not unsure else []
    except MethodError as error:
        made, shares, factors, unsure, fault = [], {}, [], None, str(error)
    chosen = next((row for row in made if row["ref_area"] == city), None)
    if city and made and not chosen:
        raise HTTPException(404, f"there is no city {city!r}. Next step: choose one in the workbench")
    gettext = words(trial.language).gettext
    moved = [row for row in made if row["rose"]]
    return {
        "root": "../",
        "here": NAVIGATION.path,
        "trial": trial,
        "ratings": {each.id: each.name.in_language(trial.language) for each in trial.methods.values()},
        "name": trial.method.name.in_language(trial.language),
        "periods": {each: each for each in trial.periods},
        "steps": _steps(trial),
        "cities": {"": gettext("choose a city")}
        | {row["ref_area"]: row["city"] for row in sorted(made, key=lambda row: str(row["city"]))},
        "city": city or "",
        "chosen": chosen,
        "ranked": sum(row["rank"] is not None for row in made),
        "rows": made,
        "moved": moved,
        "beyond": [row for row in moved if row["beyond"]],
        "lost": [row["city"] for row in made if row["rank"] is None and row["old_rank"] is not None],
        "gained": [row["city"] for row in made if row["rank"] is not None and row["old_rank"] is None],
        "shares": shares,
        "fault": fault,
        "unsure": unsure,
        "factors": [meaning("factor", each, trial.language) or each for each in factors],
        "draws": DRAWS,
        "score_decimals": decimals([row["score"] for row in made if row["rank"] is not None]),
        "fields": {part.id: _field(trial, part.id, part.weight) for part in trial.parts},
        "example": _example(trial),
    }


def _steps(trial: Trial) -> dict[str, dict[str, Any]]:
    """The choices of each step, and the chosen one; the declared one is among them."""
    method = trial.method
    declared = {"aggregation": method.aggregation, "normalisation": method.normalisation.method}
    gettext = words(trial.language).gettext
    return {
        step: {
            "options": {
                code: (gettext("%s (declared)") if code == declared[step] else "%s")
                % (meaning(step, code, trial.language) or code)
                for code in dict.fromkeys([declared[step], *codes])
            },
            "declared": declared[step],
            "chosen": trial.wish.fields.get(step, declared[step]),
        }
        for step, codes in STEPS.items()
    }


def _field(trial: Trial, part: str, declared: float | None) -> str:
    """What the field of a weight shows: what the reader wrote, else the declared weight in full."""
    return trial.wish.fields.get(WEIGHT + part, "" if declared is None else written(declared))


def written(weight: float) -> str:
    """A weight so that it reads back as the same number."""
    return repr(float(weight)).removesuffix(".0")


def _example(trial: Trial) -> dict[str, str]:
    """The address in which the lightest part at the top counts double, and its name."""
    top = [part for part in trial.parts if part.depth == 0 and part.weight]
    if len(top) < 2:
        return {}
    part = min(top, key=lambda part: part.weight or 0)
    double = written(round(2 * (part.weight or 0), 12))
    return {"name": part.name, "address": trial.address(**{WEIGHT + part.id: double})}


def _download(text: str, method: Method) -> Response:
    name = f"{method.id}_changed.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="application/yaml", headers=headers)
