"""A warehouse with revisions, editions and hostile texts, and its pages as a user opens them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import mkdtemp
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import URL, Connection, NullPool, create_engine, text

from city_indicators.ingest import load as ingest
from city_indicators.ingest.validation.data_docs import build
from city_indicators.ingest.validation.data_docs_site import Site as DataDocs
from city_indicators.reports.editions.freeze import propose, publish
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.database import frame, rows
from standalone.postgres import Server
from tests.conftest import SETTINGS, copied, new_warehouse
from tests.methods import LENIENT, RESEARCH
from tests.warehouse.conftest import NOON, Publisher
from tests.warehouse.pages import PREFIX, mounted
from tests.warehouse.plans import planned, recorded
from tests.warehouse.test_publish import MANY

AT = datetime(2026, 2, 1, tzinfo=UTC)
HOSTILE, LATER = "<script>alert(1)</script>", NOON + timedelta(days=9)
MOSCOW = "rating=climate_first&time_period=2019&ref_area=moscow"
EDITION = "/editions?rating=climate_first&edition=2019.1"

SECOND_SOURCE = """
insert into core.observation_version (
    ref_area, indicator, time_period, source, version, freq, obs_value, unit_measure, obs_status, geo_basis,
    withdrawn, load_id, fetch_id, pointer, known_from, value_as_published, unit_as_published
)
select
    ref_area, indicator, time_period, 'world_bank', 1, freq, 55000, unit_measure, obs_status, geo_basis,
    withdrawn, load_id, fetch_id, pointer, known_from, :raw, unit_as_published
from core.observation_version where ref_area = 'RUS' and version = 2
"""
ITS_STATE = """
with block as (
    insert into core.observation_block (source, indicator, time_period, observations, load_id)
    select source, indicator, time_period, 1, load_id
    from core.observation_version where source = 'world_bank'
    returning block_id
)
insert into core.observation_state
select block_id, ref_area, version, obs_value, unit_measure, obs_status, geo_basis, load_id, fetch_id
from core.observation_version, block where source = 'world_bank'
"""
CORRECTION = """
insert into quality.correction_applied (
    load_id, fetch_id, pointer, ref_area, indicator, time_period, correction, action, value_as_published,
    value_before, value_after, reason, reference, declared
)
select
    load_id, fetch_id, pointer, ref_area, indicator, time_period, 'c', 'set', value_as_published, obs_value,
    obs_value, :reason, 'https://x.example', '{}'
from core.observation_version where ref_area = 'RUS' and source = 'owid_grapher' and version = 2
"""


@dataclass(frozen=True)
class Site:
    """A warehouse with a revised observation, two sources, an earlier edition and a planned backfill.

    The client is that of a user.
    """

    client: TestClient
    url: URL
    folder: Path

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"{PREFIX}{path}", headers=headers)

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return str(answer.text)

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        with self._connection() as connection:
            return rows(connection, name, **parameters)

    def value(self, statement: str) -> Any:
        with self._connection() as connection:
            return connection.scalar(text(statement))

    def _connection(self) -> Connection:
        return create_engine(self.url).connect()


@contextmanager
def opened(server: Server, folder: Path) -> Iterator[Site]:
    """A site whose rating ranks cities by the one indicator of the publisher; tests may change it."""
    template, files = made(server)
    copytree(files, folder, dirs_exist_ok=True)
    with new_warehouse(server, template) as url:
        yield Site(mounted(url, folder), url, folder)


@cache
def made(server: Server) -> tuple[str, Path]:
    """The database and the files of the site; they stay until the session of the tests ends."""
    folder = Path(mkdtemp(dir=SETTINGS.home))
    url = copied(server)
    engine = create_engine(url, poolclass=NullPool)
    publisher = Publisher(engine, folder)
    publisher.load({**MANY, "RUS": 60000.5})
    refresh(engine, {LENIENT.id: LENIENT}, RESEARCH, AT)
    with engine.begin() as connection:
        proposal = propose(connection, LENIENT.id, "2019", f"Trial {HOSTILE}", lambda: LATER)
        publish(connection, proposal, "anna", LATER)
    load_id = publisher.validate({**MANY, "RUS": 50000})
    ingest.publish_load(load_id, publisher.staging, engine, lambda: LATER + timedelta(days=1))
    with engine.begin() as connection:
        connection.execute(text(SECOND_SOURCE), {"raw": HOSTILE})
        connection.execute(text(ITS_STATE))
        connection.execute(text(CORRECTION), {"reason": HOSTILE})
    refresh(engine, {LENIENT.id: LENIENT}, RESEARCH, AT + timedelta(days=1))
    with engine.connect() as connection:
        validations = frame(connection, "docs/recent_validations", loads=9)
        rejected = frame(connection, "docs/rejected_rows", loads=9, rows=9)
    build(validations, rejected, DataDocs(folder / "docs"))
    recorded(publisher, planned(publisher))
    return str(url.database), folder
