"""codecarbon's files of carbon intensity: one JSON object per file, in the publisher's three shapes.

Differences from the real files: only the places and the cells of the sample.
"""

import json
from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Response

from city_indicators.catalog import Source
from demo.paths import SAMPLE
from demo.sample.grid_co2 import TABLES
from demo.sample.table import read_text_csv

Row = dict[str, str]


def router(source: Source) -> APIRouter:
    """The file of each series, below the path in the catalogue."""
    routes = APIRouter()
    for series in source.series:
        routes.add_api_route(
            f"{source.path}/{series.code}.json", _download(file_of(series.code)), methods=["GET"]
        )
    return routes


def _download(body: bytes) -> Any:
    # The server of raw files sends JSON as plain text.
    return lambda: Response(body, media_type="text/plain; charset=utf-8")


def file_of(code: str) -> bytes:
    """The bytes of the file of a series; the same sample gives the same bytes."""
    name = code.rsplit("/", 1)[-1]
    table = read_text_csv(SAMPLE / "tables" / f"{TABLES[name]}.csv")
    rows = [dict(zip(table.columns, cells, strict=True)) for cells in table.itertuples(index=False)]
    return json.dumps(SHAPES[name](rows), indent=2, ensure_ascii=False).encode()


def _countries(rows: Iterable[Row]) -> dict[str, Any]:
    return {
        row["code"]: {
            "carbon_intensity": float(row["value"]),
            "country_name": row["name"],
            "iso_code": row["code"],
            "year": int(row["year"]),
        }
        for row in rows
    }


def _provinces(rows: Iterable[Row]) -> dict[str, Any]:
    return {
        "data": {
            row["code"]: {
                "emission_factor": float(row["value"]),
                "unit": row["unit"],
                "description": row["name"],
                "year": int(row["year"]),
            }
            for row in rows
        }
    }


def _states(rows: Iterable[Row]) -> dict[str, Any]:
    states = list(rows)
    return {
        "_unit": {"emissions": states[0]["unit"], "regionCode": "2 digit state/region code"},
        "_source": {"year": int(states[0]["year"])},
        **{
            row["name"]: {"emissions": float(row["value"]), "regionCode": row["code"].partition("-")[2]}
            for row in states
        },
    }


SHAPES = {
    "global_energy_mix": _countries,
    "china_provincial_emissions": _provinces,
    "usa_emissions": _states,
}
