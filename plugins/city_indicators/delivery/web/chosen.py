"""The cities that an address chooses, once each: `cities=moscow&cities=paris` or `cities=moscow,paris`."""

from collections.abc import Sequence

from fastapi import HTTPException
from sqlalchemy import Connection

from city_indicators.warehouse.database import rows


def chosen_cities(connection: Connection, given: Sequence[str], least: int, most: int) -> list[str]:
    """The chosen cities in their order; empty if the address chooses none.

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
