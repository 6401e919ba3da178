"""The formats of documents."""

from collections.abc import Callable
from typing import Final

from city_indicators.delivery.documents.docx import docx
from city_indicators.delivery.documents.html import html
from city_indicators.delivery.documents.model import Document
from city_indicators.delivery.documents.pdf import pdf

RENDERERS: Final[dict[str, Callable[[Document], bytes]]] = {"html": html, "pdf": pdf, "docx": docx}
"""What writes a document in each format; the same document gives the same bytes."""
