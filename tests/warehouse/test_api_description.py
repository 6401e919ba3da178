"""The OpenAPI document of the API: it describes the routes that there are, and their answers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi.routing import APIRoute
from openapi_spec_validator import validate

from city_indicators.delivery.web.api.routes import PREFIX as API
from standalone.postgres import Server
from tests.warehouse.pages import PREFIX, pages
from tests.warehouse.site import MOSCOW, Site, opened

EXAMPLES = {
    "/observations": "observations",
    "/ratings": "ratings",
    "/ratings/pillars": "ratings/pillars",
    "/ratings/indicators": "ratings/indicators",
    "/editions": "editions",
    "/editions/{rating}/{edition}/ratings": "editions/climate_first/2019.1/ratings",
    "/editions/{rating}/{edition}/pillars": "editions/climate_first/2019.1/pillars",
    "/editions/{rating}/{edition}/indicators": "editions/climate_first/2019.1/indicators",
    "/editions/{rating}/{edition}/megatrends": "editions/climate_first/2019.1/megatrends",
    "/editions/{rating}/{edition}/names": "editions/climate_first/2019.1/names",
    "/editions/{rating}/{edition}/sources": "editions/climate_first/2019.1/sources",
    "/lineage/{table}": f"lineage/rating?{MOSCOW}",
}


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with opened(server, tmp_path_factory.mktemp("api")) as made:
        yield made


@pytest.fixture(scope="module")
def document(site: Site) -> dict[str, Any]:
    return dict(site.get(f"{API}/openapi.json").json())


def test_the_document_is_valid_and_names_the_address_and_the_login(document: dict[str, Any]) -> None:
    validate(document)
    assert document["servers"] == [{"url": PREFIX}]
    assert document["security"] == [{"token": []}]


def test_describes_exactly_the_routes_of_the_api(
    document: dict[str, Any], site: Site, tmp_path: Path
) -> None:
    routes = {route.path for route in pages(site.url, tmp_path).routes if isinstance(route, APIRoute)}
    assert set(document["paths"]) == {path for path in routes if path.startswith("/api/")}
    assert len(document["paths"]) >= 16


def test_lists_the_columns_of_a_table_as_filters(document: dict[str, Any], site: Site) -> None:
    for path in ("/observations", "/ratings"):
        parameters = document["paths"][f"{API}{path}"]["get"]["parameters"]
        columns = list(site.get(f"{API}{path}?limit=1").json()["data"][0])
        assert [each["name"] for each in parameters] == ["limit", "cursor", "format", *columns]
        assert all(each["description"] for each in parameters)


@pytest.mark.parametrize("path", EXAMPLES)
def test_answers_are_as_described(document: dict[str, Any], site: Site, path: str) -> None:
    described = document["paths"][f"{API}{path}"]["get"]["responses"]["200"]["content"]
    body = site.get(f"{API}/{EXAMPLES[path]}").json()
    assert body["data"]
    jsonschema.validate(body, described["application/json"]["schema"])
    columns = described["application/json"]["schema"]["properties"]["data"]["items"]["properties"]
    assert list(columns) == list(body["data"][0])


def test_errors_are_as_described(document: dict[str, Any], site: Site) -> None:
    error = document["components"]["schemas"]["Error"]
    jsonschema.validate(site.get(f"{API}/ratings?colour=red").json(), error)
