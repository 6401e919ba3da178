"""Renders templates with the messages and number formats of a language."""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from city_indicators.core.languages import languages, words
from city_indicators.delivery.exports.texts import heading, label_of, meaning
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.reasons import reason_in
from city_indicators.delivery.web.labels import named
from city_indicators.delivery.web.pages import navigation
from city_indicators.delivery.web.static import address

TEMPLATES: Final = Path(__file__).with_name("templates")


def render(template: str, language: str, content: dict[str, Any]) -> HTMLResponse:
    """A page in one of the languages. `root` of the content leads from the page to the pages' common root."""
    return HTMLResponse(rendered(template, language, content))


def rendered(template: str, language: str, content: dict[str, Any]) -> str:
    """The text of a page, or of a part of one."""
    menu = {entry.path: words(language).gettext(entry.name) for entry in navigation()}
    common = {"language": language, "languages": languages(), "menu": menu, "root": "", "address": address}
    return environment(language).get_template(template).render(common | content)


def encoded(content: Mapping[str, Any] | str) -> str:
    """The query of an address, or a part of its path. A page has thousands, of the same few words."""
    if isinstance(content, str):
        return quote(content)
    return "&".join(f"{_quoted(str(name))}={_quoted(str(value))}" for name, value in content.items())


@lru_cache(10_000)
def _quoted(text: str) -> str:
    return quote_plus(text)


@cache
def environment(language: str, folder: Path = TEMPLATES) -> Environment:
    """The templates of a folder with the messages, labels and formats of a language."""
    made = Environment(
        loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, extensions=["jinja2.ext.i18n"]
    )
    made.install_gettext_translations(words(language), newstyle=True)  # type: ignore[attr-defined]
    show = Numbers.of(language)
    made.filters.update(
        urlencode=encoded,
        number=show.number,
        exact=show.exact,
        decimals=show.decimals,
        percent=show.percent,
        difference=show.difference,
        change=show.change,
        day=show.day,
        moment=show.moment,
        duration=show.duration,
        size=show.size,
        enumeration=show.enumeration,
        heading=lambda column: heading(column, language),
        named=named,
        reason=lambda text, rule: reason_in(language, rule, text),
        label=lambda code, column: meaning(column, code, language) or code,
        value=lambda value, indicator: label_of(indicator, value, language) or show.number(value),
    )
    return made
