"""A warehouse with two editions of a small rating, and documents declared for it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import Engine, create_engine

from city_indicators.delivery.documents.build import Built, build
from city_indicators.delivery.documents.declaration import DOCUMENTS, SHARED
from city_indicators.delivery.documents.edition import Computed
from city_indicators.delivery.exports.tables import reading
from city_indicators.ingest import load as ingest
from city_indicators.reports.editions.freeze import propose, publish
from city_indicators.reports.refresh import refresh
from standalone.postgres import Server
from tests.conftest import new_warehouse
from tests.methods import RESEARCH, VARIED
from tests.warehouse.conftest import NOON, Publisher
from tests.warehouse.test_publish import MANY

AT = datetime(2026, 2, 1, tzinfo=UTC)
# The shipped documents are of this rating.
METHOD = VARIED.model_copy(update={"id": "climate_world"})
HOSTILE = "Trial <script>alert(1)</script> #[x] *a*"
CHAPTERS = (
    "summary, ranking, pillars, profiles, changes, methodology, robustness, coverage, sources, reproduce"
)


@dataclass(frozen=True)
class Desk:
    """Builds documents of the editions 2019.1 and 2019.2 of the rating; `folder` has their declarations."""

    warehouse: Engine
    folder: Path

    def build(self, language: str = "en", name: str = "trial", edition: str = "2019.2") -> Built:
        with reading(self.warehouse) as connection:
            return build(Computed.of(connection, METHOD.id, edition), name, language, self.folder)

    def write(self, text: str, language: str = "en", name: str = "own") -> None:
        """Declare a document of one chapter."""
        declare(self.folder, name, "text")
        (self.folder / name / f"text.{language}.md").write_text(text, encoding="utf-8")


def declare(folder: Path, name: str, chapters: str) -> None:
    """Declare a document of METHOD."""
    (folder / name).mkdir(exist_ok=True)
    titles = "{en: A trial, ru: Проба, zh: 试验}"
    text = f"title: {titles}\nrating: {METHOD.id}\nchapters: [{chapters}]\n"
    (folder / name / "document.yaml").write_text(text, encoding="utf-8")


@contextmanager
def opened(server: Server, folder: Path) -> Iterator[Desk]:
    """Two editions of 2019; between them the value of Russia rose from the lowest to the highest."""
    with new_warehouse(server) as url:
        warehouse = create_engine(url)
        publisher = Publisher(warehouse, folder)
        for number, values in enumerate(({**MANY, "RUS": 900}, {**MANY, "RUS": 140000.25}), start=1):
            at = NOON + timedelta(days=7 * number)
            load_id = publisher.validate(values)
            ingest.publish_load(load_id, publisher.staging, warehouse, lambda at=at: at)  # type: ignore[misc]
            at += timedelta(days=1)
            refresh(warehouse, {METHOD.id: METHOD}, RESEARCH, at)
            with warehouse.begin() as connection:
                proposal = propose(connection, METHOD.id, "2019", HOSTILE, lambda at=at: at)  # type: ignore[misc]
                publish(connection, proposal, "anna", at)
        documents = folder / "documents"
        copytree(DOCUMENTS / SHARED, documents / SHARED)
        declare(documents, "trial", CHAPTERS)
        yield Desk(warehouse, documents)
        warehouse.dispose()


def text_of_pdf(content: bytes, folder: Path, *options: str) -> str:
    """What a reader sees of a PDF, by pdftotext."""
    file = folder / "document.pdf"
    file.write_bytes(content)
    return run("pdftotext", *options, str(file), "-")


def printed(content: bytes, folder: Path) -> str:
    """What a reader sees of a Word document that LibreOffice prints."""
    file = folder / "document.docx"
    file.write_bytes(content)
    own = f"-env:UserInstallation={(folder / 'office').as_uri()}"
    run("soffice", own, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(file))
    return run("pdftotext", str(file.with_suffix(".pdf")), "-")


PACKAGES = {"soffice": "libreoffice-writer-nogui"}
"""The package of a program, if it is not poppler-utils."""


def run(program: str, *arguments: str) -> str:
    """What a program prints; continuous integration fails without it."""
    if not shutil.which(program) and not os.environ.get("CI"):
        pytest.skip(f"{program} is not installed; it is part of {PACKAGES.get(program, 'poppler-utils')}")
    command = (program, *arguments)
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
