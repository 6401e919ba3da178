"""Templates, and how they show numbers, times and codes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from city_indicators.delivery.exports.texts import heading
from city_indicators.delivery.labels import LABELS, LANGUAGES, Language
from city_indicators.delivery.web.headers import ON_CHANGE

TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True, trim_blocks=True
)
GROUPED_FROM: Final = 10_000


def render(template: str, language: Language, content: dict[str, Any]) -> HTMLResponse:
    """A page in one of the languages."""
    common = {"t": LABELS[language], "language": language, "languages": LANGUAGES, "on_change": ON_CHANGE}
    return HTMLResponse(TEMPLATES.get_template(template).render(common | content))


def number(value: float | None) -> str:
    """An observation for reading: five digits, of a large one all before the point, in groups of three."""
    if value is None:
        return "–"
    if abs(value) < GROUPED_FROM:
        return f"{value:.5g}"
    return f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def score(value: float | None) -> str:
    """A score to one decimal."""
    return "–" if value is None else f"{value:.1f}"


def percent(share: float | None) -> str:
    """A share to one decimal of a per cent."""
    return "–" if share is None else f"{100 * share:.1f} %"


def difference(share: float | None) -> str:
    """A relative difference with its sign."""
    return "–" if share is None else f"{100 * share:+.1f} %"


def change(value: float | None) -> str:
    """A difference of scores with its sign; nothing changed is no digits."""
    if value is None:
        return "–"
    return f"{value:+.2f}" if round(value, 2) else "0"


def moment(at: datetime | None) -> str:
    """A time to the minute."""
    return "–" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


TEMPLATES.filters.update(
    {each.__name__: each for each in (number, score, percent, difference, change, moment, heading)}
)
