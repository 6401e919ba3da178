"""Documents: reports written from a published edition, as HTML, PDF and Word."""

from typing import Final

FORMATS: Final = ("html", "pdf", "docx")
"""The formats of a document."""
