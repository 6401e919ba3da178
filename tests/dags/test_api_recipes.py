"""The recipes of docs/how-to/use-the-api.md, run against the pages behind Airflow's own login."""

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn
from fastapi import FastAPI

from city_indicators.core.paths import PROJECT
from standalone.credentials import Credentials
from standalone.postgres import Server
from tests import readme
from tests.conftest import SETTINGS
from tests.dags.conftest import connection_of
from tests.warehouse.site import opened

PAGE = PROJECT / "docs" / "how-to" / "use-the-api.md"
PASSWORD = Credentials.load_or_make(SETTINGS.secrets).passwords["viewer"]


@pytest.fixture(scope="module")
def ui(metadata: None, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with Airflow's login and the pages as the plugin mounts them."""
    from airflow.api_fastapi.app import init_auth_manager

    from city_indicators_plugin import CityIndicatorsPlugin

    async def apps() -> list[dict[str, Any]]:
        return CityIndicatorsPlugin().fastapi_apps

    with (
        opened(server, tmp_path_factory.mktemp("recipes")) as site,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("AIRFLOW_CONN_WAREHOUSE", connection_of(site.url))
        app = FastAPI()
        init_auth_manager(app)
        (mounted,) = asyncio.run(apps())
        app.mount(mounted["url_prefix"], mounted["app"])
        running = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=running.run)
        thread.start()
        while not running.started:
            thread.join(0.05)
        yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
        running.should_exit = True
        thread.join()


def test_the_recipes_read_what_the_warehouse_has(
    ui: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    recipes = "\n".join(block for language, block in readme.blocks(PAGE) if language == "python")
    of_reader = {
        "https://indicators.example": ui,
        '"anna"': '"viewer"',
        '"secret"': f'"{PASSWORD}"',
        "climate_world": "climate_first",
        "2023": "2019",
        "limit=10000": "limit=5",
        # The warehouse has only one year.
        "ge:2015+le:2020": "ge:2019+le:2019",
    }
    for written, here in of_reader.items():
        assert written in recipes
        recipes = recipes.replace(written, here)
    made: dict[str, Any] = {}
    first, *rest = recipes.partition("observations = pd.DataFrame(rows)\n")
    exec(first + rest[0], made)  # noqa: S102
    assert len(made["ranking"]) == 5
    assert sorted(made["observations"]["obs_value"]) == [*(1000.5 + n for n in range(11)), 50000, 55000]
    exec(rest[1], made)  # noqa: S102
    assert made["table"].num_rows == 13
    assert re.search(r"ENERGY_PC\W+13\W+2019\b", capsys.readouterr().out)
    assert sorted(made["observations"]["OBS_VALUE"]) == [50000, 55000]


def test_a_token_needs_the_password_and_the_api_a_token(ui: str) -> None:
    wrong = {"username": "viewer", "password": f"{PASSWORD}x"}
    assert requests.post(f"{ui}/auth/token", json=wrong, timeout=30).status_code == 401
    given = requests.post(f"{ui}/auth/token", json={**wrong, "password": PASSWORD}, timeout=30)
    assert given.status_code == 201
    address = f"{ui}/city-indicators/api/v1/editions"
    assert requests.get(address, timeout=30).status_code == 401
    forged = {"Authorization": f"Bearer {given.json()['access_token']}x"}
    assert requests.get(address, headers=forged, timeout=30).status_code == 403
    token = {"Authorization": f"Bearer {given.json()['access_token']}"}
    assert requests.get(address, headers=token, timeout=30).json()["data"][0]["edition"] == "2019.1"
