"""The page City ratings: one year of one rating as a ranked table and a chart."""

from typing import Any

import pandas as pd
from sqlalchemy import Engine

from city_indicators.ratings.method import Method
from city_indicators.warehouse.database import frame
from city_indicators.web.labels import LABELS, Language


def page(
    warehouse: Engine, methods: dict[str, Method], period: str | None, language: Language, group: str | None
) -> dict[str, Any]:
    """What the template needs; an unknown or absent period means the latest ranked one."""
    (method,) = methods.values()
    with warehouse.connect().execution_options(postgresql_readonly=True) as connection:
        known = frame(connection, "web/periods")
        periods = known.loc[known["rating"] == method.id, "time_period"].tolist()
        shown = period if period in periods else next(iter(periods), None)
        cities = frame(connection, "web/rating", rating=method.id, period=shown)
        pillars = frame(connection, "web/rating_pillars", rating=method.id, period=shown)
    groups = sorted({g for of_city in cities["city_groups"] for g in of_city})
    if group in groups:
        cities = cities[[group in of_city for of_city in cities["city_groups"]]]
    rows = [_row(city, pillars, method, language) for city in cities.to_dict("records")]
    return {
        "t": LABELS[language],
        "language": language,
        "languages": {"en": "English", "ru": "Русский", "zh": "中文"},
        "method": method,
        "method_name": getattr(method.name, language),
        "pillars": [{"id": p.id, "name": getattr(p.name, language)} for p in method.pillars],
        "periods": periods,
        "period": shown,
        "groups": groups,
        "group": group if group in groups else None,
        "ranked": [row for row in rows if row["status"] == "ranked"],
        "unranked": [row for row in rows if row["status"] != "ranked"],
    }


def _row(city: dict[Any, Any], pillars: pd.DataFrame, method: Method, language: Language) -> dict[str, Any]:
    of_city = pillars[pillars["ref_area"] == city["ref_area"]].set_index("pillar")
    return {
        **city,
        "city": city[f"city_name_{language}"],
        "country": city[f"country_name_{language}"],
        "parts": {p.id: of_city.loc[p.id].to_dict() for p in method.pillars if p.id in of_city.index},
        "reason": reason(city["reason_code"], method, language),
    }


def reason(code: str | None, method: Method, language: Language) -> str:
    """A reason code in words."""
    if not code:
        return ""
    kind, _, pillar_id = code.partition(":")
    names = {pillar.id: getattr(pillar.name, language) for pillar in method.pillars}
    return LABELS[language][kind].format(pillar=names.get(pillar_id, pillar_id))
