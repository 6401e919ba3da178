"""Makes the documents of an edition and keeps them in the archive."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

from city_indicators.core.archive import Archive
from city_indicators.core.errors import DocumentError
from city_indicators.core.languages import DECLARED
from city_indicators.core.snapshots import Answer
from city_indicators.delivery.documents.build import build
from city_indicators.delivery.documents.declaration import DOCUMENTS, documents, load_document
from city_indicators.delivery.documents.formats import RENDERERS
from city_indicators.delivery.documents.model import Document
from city_indicators.delivery.documents.preview import previewed
from city_indicators.delivery.exports.tables import reading
from city_indicators.reports.editions.freeze import Proposal
from city_indicators.warehouse.database import statement

TYPES: Final = {
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""The media type of each format."""


def file_name(document: str, edition: str, language: str, kind: str) -> str:
    """The name of the file of a document."""
    return f"{document}-{edition}.{language}.{kind}"


def keep(
    warehouse: Engine, archive: Archive, rating: str, edition: str, at: datetime, root: Path = DOCUMENTS
) -> list[str]:
    """Make all documents of an edition in all languages and formats; returns the names of their files.

    The ledger has each document completely or not at all, and one that cannot be made does not stop the
    others. Making them again adds nothing, as long as their bytes are the same.

    Raises:
        DocumentError: a document could not be made; the others are kept.
        StorageError: the archive cannot be written.
    """
    names: list[str] = []
    faults: list[DocumentError] = []
    for name in _of(rating, root):
        try:
            kept = list(_kept(warehouse, archive, name, edition, at, root))
        except DocumentError as error:
            faults.append(error)
            continue
        with warehouse.begin() as connection:
            _record(connection, kept, rating, at)
        names += [str(row["url"]) for row in kept]
    if faults:
        raise faults[0]
    return names


def keep_drafts(
    warehouse: Engine, archive: Archive, proposal: Proposal, at: datetime, root: Path = DOCUMENTS
) -> dict[str, str]:
    """Make the documents of a proposal as PDF in all languages, and keep them; each says that it is a draft.

    Returns the SHA-256 of each file by its name, and the fault of a document that cannot be made by its own.

    Raises:
        EditionError: the tables, recomputed from the same data, differ from the proposed ones.
        StorageError: the archive cannot be written.
    """
    kept: list[dict[str, object]] = []
    faults: dict[str, str] = {}
    with previewed(warehouse, proposal) as (connection, edition):
        for name in _of(proposal.rating, root):
            try:
                for language in DECLARED:
                    made = build(connection, name, edition, language, root, is_draft=True).document
                    kept.append(_stored(archive, made, f"{edition}-draft", "pdf", at))
            except DocumentError as error:
                faults[name] = str(error)
    with warehouse.begin() as connection:
        _record(connection, kept, proposal.rating, at)
    return {str(row["url"]): str(row["sha256"]) for row in kept} | faults


def _of(rating: str, root: Path) -> list[str]:
    return [name for name in documents(root) if load_document(name, root).rating == rating]


def _record(connection: Connection, kept: list[dict[str, object]], rating: str, at: datetime) -> None:
    for row in kept:
        connection.execute(statement("ledger/insert_snapshot"), row)
        connection.execute(statement("documents/insert"), {**row, "rating": rating, "built_at": at})


def _kept(
    warehouse: Engine, archive: Archive, name: str, edition: str, at: datetime, root: Path
) -> Iterator[dict[str, object]]:
    for language in DECLARED:
        with reading(warehouse) as connection:
            document = build(connection, name, edition, language, root).document
        for kind in RENDERERS:
            yield _stored(archive, document, edition, kind, at)


def _stored(archive: Archive, document: Document, edition: str, kind: str, at: datetime) -> dict[str, object]:
    """Store a document in a format; returns its row of the ledger."""
    name = file_name(document.name, edition, document.language, kind)
    answer = Answer(name, RENDERERS[kind](document), TYPES[kind], None, None)
    return {
        **vars(archive.store("documents", answer, at)),
        "document": document.name,
        "edition": edition,
        "language": document.language,
        "document_format": kind,
    }
