"""Access to the pages, by role of Airflow's auth manager."""

import asyncio
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import jwt
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from openapi_spec_validator import validate
from sqlalchemy import create_engine, text

from city_indicators.core.archive import Archive
from city_indicators.core.snapshots import Answer
from city_indicators.ingest.validation.data_docs_site import Site
from city_indicators.orchestration.connections import archive_root, data_docs_root, warehouse_url
from city_indicators.warehouse.freshness import record_check
from standalone.postgres import Server
from tests import buckets
from tests.conftest import new_warehouse
from tests.dags.conftest import connection_of
from tests.warehouse.conftest import NOON

CONTENT = b"Entity,Code,Year\nRussia,RUS,2019"
PREFIX: Final = "/city-indicators"
ROLES: Final = ("viewer", "user", "op", "admin")
"""In rising order of rights; each role includes those before it."""

OPERATORS_ONLY: Final = {"/snapshots/{sha256}"}
"""The routes that a viewer must not use. All others require at least a viewer."""
EMPTY: Final = {
    *("/lineage/{table}", "/loads/{load_id}", "/chart/{name}.{kind}", "/static/{name}"),
    *("/backfill-plan/{plan_id}", "/documents/{sha256}"),
    *("/best-practices/{case_id}", "/method/{rating}", "/workbench/{rating}/method.yaml"),
    "/api/v1/lineage/{table}",
    *(f"/api/v1/editions/{{rating}}/{{edition}}/{part}" for part in ("ratings", "pillars", "indicators")),
    *(f"/api/v1/editions/{{rating}}/{{edition}}/{part}" for part in ("megatrends", "peers", "evidence")),
    *(f"/api/v1/editions/{{rating}}/{{edition}}/{part}" for part in ("names", "sources")),
    *(f"/api/v1/sdmx/3/data/{{context}}/{{agency}}/{{artefact}}{rest}" for rest in ("", "/{version}")),
    "/api/v1/sdmx/3/data/{context}/{agency}/{artefact}/{version}/{key}",
}
"""The routes that find nothing: no observation yet, so no lineage, load, plan, document, rating or case."""
EXAMPLES: Final = {
    "ref_area": "moscow",
    "table": "rating",
    "name": "rating",
    "page:path": "",
    "load_id": "1",
    "plan_id": "1",
    "kind": "json",
    "case_id": "none",
    "edition": "2019.1",
    "context": "dataflow",
    "agency": "CITY_INDICATORS",
    "artefact": "*",
    "artefact_type": "codelist",
    "version": "1.0.0",
    "key": "*",
    "rating": "climate_world",
    "indicator": "PT_ACCESS",
    "source": "world_bank",
    "megatrend": "growing_agglomerations",
}


class Pages:
    """The app as the plugin passes it to the API server, mounted behind Airflow's middleware."""

    def __init__(self, app: FastAPI, sha256: str) -> None:
        from airflow.api_fastapi.auth.middlewares.refresh_token import JWTRefreshMiddleware

        self.app = app
        assert all(isinstance(route, APIRoute) for route in app.routes)
        self.routes = [route for route in app.routes if isinstance(route, APIRoute)]
        self.addresses = {
            route.path: re.sub(
                r"\{([^}]+)\}", lambda found: {**EXAMPLES, "sha256": sha256}[found[1]], route.path
            )
            for route in self.routes
        }
        ui = FastAPI()
        ui.mount(PREFIX, app)
        ui.add_middleware(JWTRefreshMiddleware)
        self._client = TestClient(ui, base_url="http://ui")

    def request(self, path: str, method: str = "GET", **headers: str) -> Any:
        self._client.cookies.clear()
        return self._client.request(method, f"{PREFIX}{path}", headers=headers)


def token(role: str | None, seconds: int = 60) -> str:
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    anna = SimpleAuthManagerUser(username="anna", role=role)
    return str(get_auth_manager().generate_jwt(anna, expiration_time_in_seconds=seconds))


def bearer(role: str | None, seconds: int = 60) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(role, seconds)}"}


@pytest.fixture(scope="module", params=["local", "s3"])
def pages(
    metadata: None, server: Server, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Pages]:
    from airflow.api_fastapi.app import init_auth_manager

    from city_indicators_plugin import CityIndicatorsPlugin

    async def apps() -> list[dict[str, Any]]:
        # The API server calls the plugin while its event loop runs.
        return CityIndicatorsPlugin().fastapi_apps

    folder = tmp_path_factory.mktemp("pages")
    (folder / "index.html").write_text("<h1>Data Docs</h1>")
    with new_warehouse(server) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_WAREHOUSE", connection_of(url))
        storage = (folder / "storage").as_uri()
        if request.param == "s3":
            storage = buckets.folder(request.getfixturevalue("bucket_server"), patch)
        patch.setenv("CITY_INDICATORS_ARCHIVE", f"{storage}/archive")
        patch.setenv("CITY_INDICATORS_DATA_DOCS", f"{storage}/data_docs")
        Site(data_docs_root()).put(folder)
        init_auth_manager()
        buckets.forget()
        (mounted,) = asyncio.run(apps())
        assert mounted["url_prefix"] == PREFIX
        yield Pages(mounted["app"], archived(create_engine(url)))


def archived(warehouse: Any) -> str:
    answer = Answer("https://x.example", CONTENT, "text/csv", None, None)
    snapshot = Archive(archive_root()).store("owid_grapher", answer, NOON)
    with warehouse.begin() as connection:
        insert = text("insert into archive.snapshot values (:sha256, :byte_count, :media_type)")
        connection.execute(insert, vars(snapshot))
    warehouse.dispose()
    return snapshot.sha256


def test_every_route_only_reads(pages: Pages) -> None:
    assert len(pages.routes) >= 9
    assert {method for route in pages.routes for method in route.methods} == {"GET"}
    assert pages.addresses.keys() >= OPERATORS_ONLY


def test_the_navigation_links_to_existing_routes(pages: Pages) -> None:
    from city_indicators_plugin import CityIndicatorsPlugin

    views = CityIndicatorsPlugin().external_views
    assert [view["name"] for view in views][:2] == ["Overview", "City ratings"]
    assert len({view["url_route"] for view in views}) == len(views)
    assert {f"/{view['href']}".removeprefix(PREFIX) for view in views} <= set(pages.addresses.values())


def test_the_description_of_the_api_is_valid_with_airflows_login(pages: Pages) -> None:
    document = pages.request("/api/v1/openapi.json", **bearer("viewer")).json()
    validate(document)
    schemes = {name for path in document["paths"].values() for name in path["get"].get("security", ())}
    assert (schemes, document["security"]) == (set(), [{"token": []}])


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_its_pages(pages: Pages, role: str) -> None:
    for route, address in pages.addresses.items():
        answer = pages.request(address, **bearer(role))
        permitted = route not in OPERATORS_ONLY or ROLES.index(role) >= ROLES.index("op")
        expected = (404 if route in EMPTY else 200) if permitted else 403
        assert answer.status_code == expected, route
        assert (answer.content == CONTENT) == (permitted and route == "/snapshots/{sha256}")


def test_a_user_without_a_role_gets_nothing(pages: Pages) -> None:
    for path in pages.addresses.values():
        answer = pages.request(path, **bearer(None))
        assert (answer.status_code, answer.json()) == (403, {"detail": "Forbidden"}), path


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Basic YWRtaW46YWRtaW4="}, 401),
        ({"Authorization": "Bearer x.y.z"}, 403),
        ({"Cookie": "_token=x.y.z"}, 403),
    ],
)
def test_an_unknown_user_gets_nothing(pages: Pages, headers: dict[str, str], status: int) -> None:
    for path in pages.addresses.values():
        answer = pages.request(path, **headers)
        assert (answer.status_code, list(answer.json())) == (status, ["detail"]), path


@pytest.fixture
def paused(metadata: None) -> Iterator[Callable[[bool], None]]:
    """Pauses the DAG of the World Bank, which another test may have registered before."""
    from airflow.models.dag import DagModel
    from airflow.models.dagbundle import DagBundleModel
    from airflow.utils.session import create_session

    def pause(is_paused: bool) -> None:
        with create_session() as session:
            session.merge(DagBundleModel(name="dags-folder"))
            session.flush()
            dag = DagModel(dag_id="ingest_world_bank", bundle_name="dags-folder", is_paused=is_paused)
            session.merge(dag)

    yield pause
    pause(False)


def test_a_source_whose_dag_is_paused_is_not_among_the_overdue_ones(
    pages: Pages, paused: Callable[[bool], None]
) -> None:
    engine = create_engine(warehouse_url())
    with engine.begin() as connection:
        record_check(connection, "world_bank", "r1", False, NOON)
    engine.dispose()
    for is_paused in (False, True):
        paused(is_paused)
        overdue, *stopped = pages.request("/quality", **bearer("viewer")).text.split("DAG is paused")
        assert ("../dags/ingest_world_bank" in overdue) != is_paused
        assert ["../dags/ingest_world_bank" in each for each in stopped] == [True] * is_paused


def test_a_token_in_the_cookie_is_valid_until_it_expires(pages: Pages) -> None:
    assert pages.request("/data-docs/", Cookie=f"_token={token('viewer')}").status_code == 200
    for path in pages.addresses.values():
        assert pages.request(path, Cookie=f"_token={token('admin', -60)}").status_code == 401, path
        assert pages.request(path, **bearer("admin", -60)).status_code == 401, path


@pytest.mark.parametrize(("algorithm", "key"), [("none", None), ("HS512", "k" * 64)])
def test_a_forged_token_is_refused(pages: Pages, algorithm: str, key: str | None) -> None:
    claims = jwt.decode(token("admin"), options={"verify_signature": False})
    forged = jwt.encode(claims, key, algorithm=algorithm)
    for path in pages.addresses.values():
        assert pages.request(path, Authorization=f"Bearer {forged}").status_code == 403, path


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_not_allowed(pages: Pages, method: str) -> None:
    for path in pages.addresses.values():
        answer = pages.request(path, method, **bearer("admin"))
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET"), path
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc", "/static/x"])
def test_nothing_describes_the_routes(pages: Pages, path: str) -> None:
    assert pages.request(path, **bearer("admin")).status_code == 404
