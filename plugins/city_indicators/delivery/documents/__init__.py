"""Documents: reports written from a published edition, as HTML, PDF and Word."""

from typing import Final

FORMATS: Final = {
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""The formats of a document, each with its media type."""


def file_name(document: str, edition: str, language: str, kind: str) -> str:
    """The name of the file of a document."""
    return f"{document}-{edition}.{language}.{kind}"
