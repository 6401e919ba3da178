"""Makes the documents of an edition and keeps them in the archive."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from city_indicators.core.archive import Archive
from city_indicators.core.errors import DocumentError
from city_indicators.core.languages import DECLARED
from city_indicators.core.snapshots import Answer
from city_indicators.delivery.documents.build import build
from city_indicators.delivery.documents.declaration import DOCUMENTS, documents, load_document
from city_indicators.delivery.documents.formats import RENDERERS
from city_indicators.delivery.exports.tables import reading
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
    for name in documents(root):
        if load_document(name, root).rating != rating:
            continue
        try:
            kept = list(_kept(warehouse, archive, name, edition, at, root))
        except DocumentError as error:
            faults.append(error)
            continue
        with warehouse.begin() as connection:
            for row in kept:
                connection.execute(statement("ledger/insert_snapshot"), row)
                connection.execute(statement("documents/insert"), {**row, "rating": rating, "built_at": at})
        names += [str(row["url"]) for row in kept]
    if faults:
        raise faults[0]
    return names


def _kept(
    warehouse: Engine, archive: Archive, name: str, edition: str, at: datetime, root: Path
) -> Iterator[dict[str, object]]:
    for language in DECLARED:
        with reading(warehouse) as connection:
            document = build(connection, name, edition, language, root).document
        for kind, render in RENDERERS.items():
            answer = Answer(
                file_name(name, edition, language, kind), render(document), TYPES[kind], None, None
            )
            stored = vars(archive.store("documents", answer, at))
            yield {
                **stored,
                "document": name,
                "edition": edition,
                "language": language,
                "document_format": kind,
            }
