"""Who gets what of the pages, by the roles of Airflow's own auth manager."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from tests.warehouse.conftest import NOON

from city_indicators.archive import Archive
from city_indicators.sources.http import Answer

CONTENT = b"Entity,Code,Year\nRussia,RUS,2019"


@pytest.fixture
def client(metadata: None, surroundings: None) -> TestClient:
    """The app as the plugin hands it to the API server."""
    from airflow.api_fastapi.app import init_auth_manager

    from city_indicators_plugin import CityIndicatorsPlugin

    init_auth_manager()
    (mounted,) = CityIndicatorsPlugin().fastapi_apps
    return TestClient(mounted["app"])


@pytest.fixture
def sha256(warehouse: Engine, tmp_path: Path) -> str:
    answer = Answer("https://x.example", CONTENT, "text/csv", None, None)
    snapshot = Archive(tmp_path / "archive").store("owid_grapher", answer, NOON)
    with warehouse.begin() as connection:
        insert = text("insert into archive.snapshot values (:sha256, :byte_count, :media_type)")
        connection.execute(insert, vars(snapshot))
    return snapshot.sha256


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("user", 403), ("op", 200), ("admin", 200)])
def test_archived_bytes_are_for_operators(client: TestClient, sha256: str, role: str, status: int) -> None:
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="anna", role=role))
    user = {"Authorization": f"Bearer {token}"}
    assert client.get("/city/moscow", headers=user).status_code == 200
    answer = client.get(f"/snapshots/{sha256}", headers=user)
    assert answer.status_code == status
    assert (answer.content == CONTENT) == (status == 200)


def test_nobody_gets_them_without_login(client: TestClient, sha256: str) -> None:
    assert client.get(f"/snapshots/{sha256}").status_code == 401
    assert client.get(f"/snapshots/{sha256}", headers={"Authorization": "Bearer x"}).status_code == 403
