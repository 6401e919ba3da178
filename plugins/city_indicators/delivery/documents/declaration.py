"""Reads the declarations of documents: include/documents/<document>/document.yaml."""

from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from city_indicators.catalog.entry import Entry, Identifier, Names
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.core.errors import DocumentError
from city_indicators.core.paths import INCLUDE

DOCUMENTS: Final = INCLUDE / "documents"
SHARED: Final = "shared"
"""The folder of the chapters that a document takes if it has none of its own by that name."""


class Declaration(Entry):
    """A document: the rating whose editions it is of, its chapters in order, and the two cities it compares.

    Texts name these cities as `pair`; most documents have none.
    One `of` a case is made for single best practices: their facts stand beside the edition.
    A chapter is the file `<chapter>.<language>.md` of the folder of the document, else that of `shared`.
    """

    id: Identifier
    title: Names
    rating: Identifier
    of: Literal["edition", "case"] = "edition"
    chapters: list[Identifier] = Field(min_length=1)
    pair: tuple[Identifier, Identifier] | None = None


class Settings(Entry):
    """What all documents share: `pages` is the address of the pages; their path if no server is declared."""

    pages: str = Field(pattern=r"^(https?:/)?/[^\s<>]+[^\s<>/]$")


def load_settings(root: Path = DOCUMENTS) -> Settings:
    """The settings of all documents.

    Raises:
        CatalogueError: the file is wrong.
    """
    file = root / SHARED / "settings.yaml"
    return parse(Settings, read_yaml(file), file, "")


def documents(root: Path = DOCUMENTS) -> list[str]:
    """The ids of the declared documents."""
    return sorted(file.parent.name for file in root.glob("*/document.yaml"))


def load_document(name: str, root: Path = DOCUMENTS) -> Declaration:
    """The declaration of a document.

    Raises:
        DocumentError: there is no such document.
        CatalogueError: its file is wrong.
    """
    file = root / name / "document.yaml"
    if not file.exists():
        raise DocumentError(name, "is not declared", f"choose one of {', '.join(documents(root))}")
    return parse(Declaration, {"id": name, **read_yaml(file)}, file, "")


def folders(name: str, root: Path = DOCUMENTS) -> list[Path]:
    """Where the chapters of a document are, the first one preferred."""
    return [root / name, root / SHARED]


def chapter_file(declared: Declaration, chapter: str, language: str, root: Path = DOCUMENTS) -> Path:
    """The file of a chapter in a language.

    Raises:
        DocumentError: there is none.
    """
    name = f"{chapter}.{language}.md"
    found = [folder / name for folder in folders(declared.id, root) if (folder / name).exists()]
    if not found:
        raise DocumentError(
            f"{declared.id}/{name}",
            f"the chapter {chapter!r} has no translation into {language!r}",
            f"write it there, or in {SHARED}/{name} for all documents",
        )
    return found[0]
