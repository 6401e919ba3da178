"""Who gets what of the pages, by the roles of Airflow's own auth manager."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from tests import buckets
from tests.warehouse.conftest import NOON

from city_indicators.airflow.connections import archive_root, data_docs_root
from city_indicators.archive import Archive
from city_indicators.quality.site import Site
from city_indicators.sources.http import Answer

CONTENT = b"Entity,Code,Year\nRussia,RUS,2019"


@pytest.fixture
def client(metadata: None, surroundings: None, storage: str, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """The app as the plugin hands it to the API server, whose event loop runs already."""
    from airflow.api_fastapi.app import init_auth_manager

    from city_indicators_plugin import CityIndicatorsPlugin

    async def apps() -> list[dict[str, Any]]:
        return CityIndicatorsPlugin().fastapi_apps

    monkeypatch.setenv("CITY_INDICATORS_ARCHIVE", f"{storage}/archive")
    monkeypatch.setenv("CITY_INDICATORS_DATA_DOCS", f"{storage}/data_docs")
    init_auth_manager()
    buckets.forget()
    (mounted,) = asyncio.run(apps())
    return TestClient(mounted["app"])


@pytest.fixture
def sha256(client: TestClient, warehouse: Engine) -> str:
    answer = Answer("https://x.example", CONTENT, "text/csv", None, None)
    snapshot = Archive(archive_root()).store("owid_grapher", answer, NOON)
    with warehouse.begin() as connection:
        insert = text("insert into archive.snapshot values (:sha256, :byte_count, :media_type)")
        connection.execute(insert, vars(snapshot))
    return snapshot.sha256


def signed_in(role: str) -> dict[str, str]:
    """What the browser of a user with that role sends along."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="anna", role=role))
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("user", 403), ("op", 200), ("admin", 200)])
def test_archived_bytes_are_for_operators(client: TestClient, sha256: str, role: str, status: int) -> None:
    user = signed_in(role)
    assert client.get("/city/moscow", headers=user).status_code == 200
    answer = client.get(f"/snapshots/{sha256}", headers=user)
    assert answer.status_code == status
    assert (answer.content == CONTENT) == (status == 200)


def test_the_data_docs_are_for_everybody_who_signed_in(client: TestClient, tmp_path: Path) -> None:
    assert client.get("/data-docs/").status_code == 401
    assert client.get("/data-docs/", headers=signed_in("viewer")).status_code == 404
    (tmp_path / "index.html").write_text("<h1>Loads</h1>")
    Site(data_docs_root()).put(tmp_path)
    page = client.get("/data-docs/", headers=signed_in("viewer"))
    assert (page.text, page.headers["content-type"]) == ("<h1>Loads</h1>", "text/html; charset=utf-8")


def test_nobody_gets_them_without_login(client: TestClient, sha256: str) -> None:
    assert client.get(f"/snapshots/{sha256}").status_code == 401
    assert client.get(f"/snapshots/{sha256}", headers={"Authorization": "Bearer x"}).status_code == 403
