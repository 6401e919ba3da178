"""Choices of a reader in the address of a page."""

from collections.abc import Mapping, Sequence

from fastapi import HTTPException
from sqlalchemy import Connection

from city_indicators.warehouse.database import rows


def chosen(what: str, options: Mapping[str, str], wanted: str | None, default: str) -> str:
    """The option that the address names, or the default if it names none.

    Raises:
        HTTPException: 404, there is no such option; `what` names the choice.
    """
    if wanted is None:
        return default
    if wanted not in options:
        raise HTTPException(
            404,
            f"there is no {what} {wanted!r}. Next step: choose one of {[each for each in options if each]}",
        )
    return wanted


def chosen_cities(connection: Connection, given: Sequence[str], least: int, most: int) -> list[str]:
    """The chosen cities in their order, once each; empty if the address chooses none.

    An address has `cities=moscow&cities=paris` or `cities=moscow,paris`.

    Raises:
        HTTPException: one is not in the catalogue, or they are fewer than `least` or more than `most`.
    """
    cities = list(dict.fromkeys(city for each in given for city in each.split(",") if city))
    known = {row["ref_area"] for row in rows(connection, "web/city_ids")}
    for city in cities:
        if city not in known:
            raise HTTPException(404, f"there is no city {city!r}. Next step: choose one of {sorted(known)}")
    if cities and not least <= len(cities) <= most:
        raise HTTPException(
            422, f"the address chooses {len(cities)} cities. Next step: choose {least} to {most} of them"
        )
    return cities
