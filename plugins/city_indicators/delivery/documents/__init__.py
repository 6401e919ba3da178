"""Documents: reports written from a published edition, as HTML, PDF and Word."""

from typing import Final

FORMATS: Final = {
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""The formats of a document, each with its media type."""


def name_of(declared: str, case: str) -> str:
    """The name of a document: that of its declaration, and the case that it is of, if any."""
    return f"{declared}-{case}" if case else declared


def file_name(document: str, edition: str, language: str, kind: str) -> str:
    """The name of the file of a document."""
    return f"{document}-{edition}.{language}.{kind}"
