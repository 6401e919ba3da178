"""Choices of a reader in the address of a page."""

from collections.abc import Iterable, Mapping, Sequence

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


def city_named(connection: Connection, text: str) -> str:
    """The id of the city with this id, or with this name in any language.

    Raises:
        HTTPException: 404, there is no such city, or several have the name.
    """
    found = [row["ref_area"] for row in rows(connection, "web/city_named", named=text)]
    if not found:
        raise HTTPException(404, f"there is no city {text!r}. Next step: choose one in Cities")
    if found[0] != text.lower() and len(found) > 1:
        raise HTTPException(404, f"several cities are named {text!r}. Next step: choose one in Cities")
    return str(found[0])


def chosen_cities(connection: Connection, given: Sequence[str], least: int, most: int) -> list[str]:
    """The chosen cities in their order, once each; empty if the address chooses none.

    An address has `cities=moscow&cities=paris` or `cities=moscow,paris`, ids or names.

    Raises:
        HTTPException: one is not in the catalogue, or they are fewer than `least` or more than `most`.
    """
    named = dict.fromkeys(city.strip() for each in given for city in each.split(",") if city.strip())
    cities = list(dict.fromkeys(city_named(connection, each) for each in named))
    if cities and not least <= len(cities) <= most:
        raise HTTPException(
            422, f"the address chooses {len(cities)} cities. Next step: choose {least} to {most} of them"
        )
    return cities


def holds(text: str, texts: Iterable[str]) -> bool:
    """Whether every word of a text is in one of the texts, whatever its case."""
    folded = "\n".join(texts).casefold()
    return all(word in folded for word in text.casefold().split())
