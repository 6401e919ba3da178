"""A site of an edition with other years, similar cities and megatrends; tests only read it."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import mkdtemp
from typing import Any

from lxml import html
from sqlalchemy import Engine

from city_indicators.core.archive import Archive
from city_indicators.core.snapshots import Answer
from city_indicators.delivery.documents.declaration import SHARED
from city_indicators.delivery.documents.keep import keep
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.site.build import build
from city_indicators.delivery.site.folder import write
from city_indicators.ingest import load as ingest
from city_indicators.intake.best_practices.publish import publish as publish_cases
from city_indicators.intake.best_practices.read import read
from city_indicators.reports.editions.freeze import propose, publish
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.ledger import Run
from standalone.postgres import Server
from tests.conftest import SETTINGS
from tests.methods import RESEARCH
from tests.warehouse.conftest import NOON, Publisher
from tests.warehouse.documented import AT, HOSTILE, METHOD, declare, opened
from tests.warehouse.test_best_practice_reports import AIR, CODE_LISTS, HEADER, publish_air
from tests.warehouse.test_publish import MANY

AWARD = "award-tula,Tula,RUS,,5,winner,,,,,,,https://example.org/award"
LANGUAGES = ("en", "ru", "zh")
EDITION = "2019.3"
SENT = datetime(2026, 2, 9, tzinfo=UTC)
PUBLISHED = SENT + timedelta(days=1)
OPEN = ExitStack()
"""Keeps the warehouse until the session of the tests ends."""


@dataclass(frozen=True)
class Made:
    """The files of a site, in memory and in a folder, and the warehouse and archive it was made from."""

    warehouse: Engine
    archive: Archive
    files: dict[str, bytes]
    folder: Path

    def page(self, path: str) -> Any:
        return html.fromstring(self.files[path])


@cache
def made_site(server: Server) -> Made:
    """The site, made once: it takes a quarter of a minute."""
    folder = Path(mkdtemp(dir=SETTINGS.home))
    desk = OPEN.enter_context(opened(server, folder))
    _publish_third(desk.warehouse, folder)
    archive = Archive(folder / "archive")
    only = folder / "kept"
    only.mkdir()
    copytree(desk.folder / SHARED, only / SHARED)
    declare(only, "climate_world", "sources")
    keep(desk.warehouse, archive, METHOD.id, EDITION, AT, only)
    files = built(desk.warehouse, archive)
    write(folder / "site", files, "inputs")
    return Made(desk.warehouse, archive, files, folder / "site")


def _publish_third(warehouse: Engine, folder: Path) -> None:
    """A third edition knows two earlier years of energy, air and people of each city, and two cases."""
    publisher = Publisher(warehouse, folder)
    body = "\n".join([HEADER, AIR, AWARD]).encode()
    answer = Answer("file:///inbox/best_practices/c.csv", body, "text/csv", None, None)
    snapshot = Archive(folder / "archive").store("best_practice_cases", answer, NOON)
    reading_of = read(body, "c.csv", CODE_LISTS, date(2026, 1, 1))
    with warehouse.begin() as connection:
        run = Run("receive_best_practices", "run")
        publish_cases(connection, snapshot, run, reading_of, 85, lambda: SENT)
    publish_air(publisher)
    for year in (2017, 2018):
        load_id = publisher.validate({**MANY, "RUS": 10 * year}, year, fetched_at=SENT)
        ingest.publish_load(load_id, publisher.staging, warehouse, lambda: SENT)
    refresh(warehouse, {METHOD.id: METHOD}, RESEARCH, SENT)
    with warehouse.begin() as connection:
        proposal = propose(connection, METHOD.id, "2019", HOSTILE, lambda: PUBLISHED)
        assert publish(connection, proposal, "anna", PUBLISHED) == EDITION


def built(warehouse: Engine, archive: Archive, address: str | None = None) -> dict[str, bytes]:
    """The files of the site."""
    with reading(warehouse) as connection:
        return build(connection, archive, METHOD.id, EDITION, address)


def cells(page: Any, caption: str = "", table: int = 0) -> list[list[str]]:
    """The cells of a table with a caption, or else of the table of that place."""
    found = [each for each in page.iter("table") if caption in each.findtext("caption")]
    return [
        [cell.text_content().strip() for cell in row.iter("td")]
        for row in found[table].iter("tr")
        if row.find("td") is not None
    ]
