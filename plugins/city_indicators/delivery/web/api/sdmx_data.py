"""Writes observations as an SDMX-JSON 2.0 data message, as time series."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from city_indicators.core.languages import ENGLISH
from city_indicators.delivery.exports.sdmx import (
    AGENCY,
    ATTRIBUTES,
    DATAFLOW,
    DIMENSIONS,
    MEASURE,
    SERIES,
    TIME,
)
from city_indicators.delivery.web.api.sdmx_codes import ENUMERATED, Names, component_names, named

MEDIA_TYPE: Final = "application/vnd.sdmx.data+json;version=2.0.0"
SCHEMAS: Final = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master"
SCHEMA: Final = f"{SCHEMAS}/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json"
LINKS: Final = [{"urn": f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={DATAFLOW}", "rel": "dataflow"}]

Row = Mapping[Any, str | None]


class Values:
    """The values of a component in the order in which they first appear, each with its index."""

    def __init__(self) -> None:
        self._indexes: dict[str, int] = {}

    def index(self, value: str) -> int:
        """The index of a value."""
        return self._indexes.setdefault(value, len(self._indexes))

    def described(self, component: str, codes: Mapping[str, Names]) -> list[dict[str, Any]]:
        """The values as the message lists them: codes with names, others by themselves."""
        if component not in ENUMERATED:
            return [{"value": value} for value in self._indexes]
        return [{"id": code, **named(codes.get(code, {ENGLISH: code}))} for code in self._indexes]


def message(rows: Iterable[Row], codes: Mapping[str, Mapping[str, Names]], prepared: datetime) -> bytes:
    """The message of observations as texts (`exports.sdmx.select`), with the names of `codes`."""
    values = {component: Values() for component in (*DIMENSIONS, *ATTRIBUTES)}
    series: dict[str, dict[str, Any]] = {}
    for row in rows:
        key = ":".join(str(values[name].index(row[name.upper()] or "")) for name in SERIES)
        observations = series.setdefault(key, {"observations": {}})["observations"]
        attributes = [_index(values[name], row[name.upper()]) for name in ATTRIBUTES]
        at = str(values[TIME].index(row[TIME.upper()] or ""))
        observations[at] = [float(row[MEASURE.upper()] or "nan"), *attributes]
    data_set = {"links": LINKS, "structure": 0, "action": "Information", "series": series}
    data = {"dataSets": [data_set], "structures": [_structure(values, codes)]}
    return json.dumps({"meta": meta(SCHEMA, prepared), "data": data}, ensure_ascii=False).encode()


def meta(schema: str, prepared: datetime) -> dict[str, Any]:
    """The header of a message."""
    return {
        "schema": schema,
        "id": f"{AGENCY}_{prepared:%Y%m%d%H%M%S%f}",
        "test": False,
        "prepared": prepared.isoformat(),
        "sender": {"id": AGENCY},
    }


def _index(values: Values, value: str | None) -> int | None:
    return None if value is None else values.index(value)


def _structure(values: Mapping[str, Values], codes: Mapping[str, Mapping[str, Names]]) -> dict[str, Any]:
    def component(name: str, **more: object) -> dict[str, Any]:
        listed = values[name].described(name, codes.get(name, {}))
        found = {"values": listed} if listed else {}
        return {"id": name.upper(), **named(component_names(name)), **more, **found}

    series = [component(name, keyPosition=position) for position, name in enumerate(SERIES)]
    time = component(TIME, keyPosition=len(SERIES), roles=[TIME.upper()])
    measure = {"id": MEASURE.upper(), **named(component_names(MEASURE))}
    attributes = [component(name, relationship={"observation": {}}) for name in ATTRIBUTES]
    return {
        "links": LINKS,
        "dataSets": [0],
        "dimensions": {"dataSet": [], "series": series, "observation": [time]},
        "measures": {"observation": [measure]},
        "attributes": {"dataSet": [], "series": [], "observation": attributes},
    }
