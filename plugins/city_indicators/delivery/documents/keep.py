"""Makes the documents of an edition and keeps them in the archive."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from city_indicators.core.archive import Archive
from city_indicators.core.errors import DocumentError
from city_indicators.core.languages import DECLARED
from city_indicators.core.progress import followed
from city_indicators.core.snapshots import Answer
from city_indicators.delivery.documents import FORMATS, file_name, name_of
from city_indicators.delivery.documents.build import build
from city_indicators.delivery.documents.declaration import DOCUMENTS, documents, load_document
from city_indicators.delivery.documents.edition import Computed
from city_indicators.delivery.documents.formats import RENDERERS
from city_indicators.delivery.documents.model import Document
from city_indicators.delivery.documents.preview import previewed
from city_indicators.delivery.exports.tables import reading
from city_indicators.reports.editions.freeze import Proposal
from city_indicators.warehouse.database import statement

Documents = dict[str, list[Document]]
"""By their names, each in all languages."""
Faults = dict[str, DocumentError]
"""Of the documents that cannot be made, by their names."""


def keep(
    warehouse: Engine, archive: Archive, rating: str, edition: str, at: datetime, root: Path = DOCUMENTS
) -> list[str]:
    """Make all documents of an edition in all languages and formats; returns the names of their files.

    The ledger has each document completely or not at all, and one that cannot be made does not stop the
    others. Making them again adds nothing, as long as their bytes are the same.

    Raises:
        DocumentError: there is no such edition, or a document could not be made; the others are kept.
        StorageError: the archive cannot be written.
    """
    with reading(warehouse) as connection:
        built, faults = _built(Computed.of(connection, rating, edition), root)
    kept = _kept(warehouse, archive, rating, edition, built, faults, RENDERERS, at)
    if faults:
        raise next(iter(faults.values()))
    return [str(row["url"]) for row in kept]


def keep_drafts(
    warehouse: Engine, archive: Archive, proposal: Proposal, at: datetime, root: Path = DOCUMENTS
) -> dict[str, str]:
    """Make the documents of a proposal as PDF in all languages, and keep them; each says that it is a draft.

    Returns the SHA-256 of each file by its name, and the fault of a document that cannot be made by its own.

    Raises:
        EditionError: the tables, recomputed from the same data, differ from the proposed ones.
        StorageError: the archive cannot be written.
    """
    with previewed(warehouse, proposal) as (connection, edition):
        built, faults = _built(Computed.of(connection, proposal.rating, edition), root, is_draft=True)
    # Nothing is locked while the files are made.
    draft = f"{edition}-draft"
    kept = _kept(warehouse, archive, proposal.rating, draft, built, faults, ["pdf"], at)
    files = {str(row["url"]): str(row["sha256"]) for row in kept}
    return files | {name: str(fault) for name, fault in faults.items()}


def _built(computed: Computed, root: Path, *, is_draft: bool = False) -> tuple[Documents, Faults]:
    built: Documents = {}
    faults: Faults = {}
    for name, case in _to_build(computed, root):
        try:
            made = [
                build(computed, name, language, root, case=case, is_draft=is_draft).document
                for language in DECLARED
            ]
        except DocumentError as error:
            faults[name_of(name, case)] = error
        else:
            built[name_of(name, case)] = made
    return built, faults


def _to_build(computed: Computed, root: Path) -> Iterator[tuple[str, str]]:
    """The documents of the rating of an edition, each with its case, which is empty if it is of none.

    A case is documented if its city is in the edition and could be compared with its peers.
    """
    for name in documents(root):
        declared = load_document(name, root)
        if declared.rating != computed.frozen.method.id:
            continue
        if declared.of == "edition":
            yield name, ""
            continue
        practices = computed.best_practices
        for case in practices.compared():
            if practices.facts[case]["ref_area"] in computed.frozen.cities:
                yield name, case


def _kept(
    warehouse: Engine,
    archive: Archive,
    rating: str,
    edition: str,
    built: Documents,
    faults: Faults,
    kinds: Iterable[str],
    at: datetime,
) -> list[dict[str, object]]:
    """Keep documents in some formats; returns their rows of the ledger.

    A document that cannot be written in a format is added to the faults.
    """
    kept: list[dict[str, object]] = []
    for name, in_languages in followed([*built.items()], "documents"):
        try:
            rows = [_stored(archive, each, edition, kind, at) for each in in_languages for kind in kinds]
        except DocumentError as error:
            faults[name] = error
            continue
        with warehouse.begin() as connection:
            for row in rows:
                connection.execute(statement("ledger/insert_snapshot"), row)
                connection.execute(statement("documents/insert"), {**row, "rating": rating, "built_at": at})
        kept += rows
    return kept


def _stored(archive: Archive, document: Document, edition: str, kind: str, at: datetime) -> dict[str, object]:
    """Store a document in a format; returns its row of the ledger."""
    name = file_name(document.name, edition, document.language, kind)
    answer = Answer(name, RENDERERS[kind](document), FORMATS[kind], None, None)
    return {
        **vars(archive.store("documents", answer, at)),
        "document": document.name,
        "edition": edition,
        "language": document.language,
        "document_format": kind,
    }
