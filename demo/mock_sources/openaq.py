"""OpenAQ API, version 3: pages of locations and of days, for requests with a key.

Follows the source code of the real API and answers recorded from it. Differences from the real one:

- there are no locations and no days, because every location has its own licence and none is in the sample;
  tests add their own;
- any key is valid, and there is no rate limit and no header for one;
- the locations are the same for any requested area.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Response
from fastapi.security import APIKeyHeader

from demo.mock_sources.damage import NOT_A_NUMBER, OUT_OF_RANGE, Damage
from demo.sample.table import Sample

KEY: Final = APIKeyHeader(name="X-API-Key", auto_error=False)
UNAUTHORIZED: Final = (
    "Invalid credentials, the API key you supplied is invalid. "
    "Check that you are using a valid OpenAQ API key."
)
MOST_M: Final = 25_000

Limit = Annotated[int, Query(gt=0, le=1000)]
Page = Annotated[int, Query(gt=0)]
Row = Mapping[str, Any]


def _check_key(key: Annotated[str | None, Depends(KEY)]) -> None:
    if key is None:
        raise HTTPException(401, UNAUTHORIZED)


def page_of(rows: Sequence[Row], limit: int, page: int) -> dict[str, Any]:
    """One page; `found` is a text like ">1000" if the page is full, else the number of its rows."""
    results = rows[(page - 1) * limit : page * limit]
    found = f">{limit}" if len(results) == limit else len(results)
    meta = {"name": "openaq-api", "website": "/", "page": page, "limit": limit, "found": found}
    return {"meta": meta, "results": results}


def router(
    sample: Sample,  # noqa: ARG001
    locations: Sequence[Row] = (),
    days: Mapping[int, Sequence[Row]] | None = None,
) -> APIRouter:
    """`/v3/locations` and `/v3/sensors/{id}/days`, with these `locations` and the `days` of each sensor."""
    routes = APIRouter(dependencies=[Depends(_check_key)])

    @routes.get("/v3/locations")
    def around(
        coordinates: str | None = None,
        radius: Annotated[int | None, Query(gt=0, le=MOST_M)] = None,
        limit: Limit = 100,
        page: Page = 1,
    ) -> Response:
        if (coordinates is None) != (radius is None):
            raise HTTPException(422, "Coordinates must be passed with a radius")
        return _json(page_of(locations, limit, page))

    @routes.get("/v3/sensors/{sensor}/days")
    def of_sensor(
        sensor: int, date_from: str = "", date_to: str = "9999", limit: Limit = 100, page: Page = 1
    ) -> Response:
        rows = [
            row
            for row in (days or {}).get(sensor, ())
            if date_from <= row["period"]["datetimeFrom"]["local"][:10] <= date_to
        ]
        return _json(page_of(rows, limit, page))

    return routes


def damage(body: bytes, kind: Damage) -> bytes:
    """Falsify the first day of a page; `missing_column` removes `value` from every day.

    A page without a day stays as it is. `unknown_area` changes nothing: only the address names a place.
    """
    answer = json.loads(body)
    rows = [row for row in answer.get("results", ()) if "value" in row]
    if not rows:
        return body
    match kind:
        case "missing_column":
            for row in rows:
                del row["value"]
        case "out_of_range":
            rows[0]["value"] = OUT_OF_RANGE
        case "not_a_number":
            rows[0]["value"] = NOT_A_NUMBER
        case "duplicate_row":
            answer["results"].insert(0, dict(rows[0]))
    return json.dumps(answer, ensure_ascii=False).encode()


def _json(answer: Any) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), media_type="application/json")
