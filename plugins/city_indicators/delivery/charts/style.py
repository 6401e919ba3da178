"""The looks that all charts share: colours, fonts, and what stands around a chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt

# Callers limit what they draw, and say so; a histogram counts the values of all cities.
alt.data_transformers.disable_max_rows()

FONT: Final = 'system-ui, "Noto Sans", "Noto Sans SC", "Noto Sans CJK SC", sans-serif'
INK: Final = "currentColor"
"""The colour of texts and lines: that of the page around the chart, in its light and its dark theme."""
GREY: Final = "#8b95a1"
"""What is shown for comparison only."""
SERIES: Final = ("#2f7fc1", "#d9822b", "#2a9d7c", "#b0589e", "#c2a21f", "#58b4d8", "#c4513f", "#7a6fd0")
"""Colours of categories, apart for colour-blind readers (after Okabe and Ito 2008), on white and on black."""
SHAPES: Final = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
"""Shapes of categories, in the order of the colours: colour is never the only sign."""
BETTER: Final = SERIES[0]
WORSE: Final = SERIES[1]
WIDTHS: Final = (320, 640, 960)
"""The widths in pixels that a chart is drawn for: a phone, a column, a page."""

INTEGERS: Final = "datum.value === floor(datum.value) ? datum.label : ''"
"""Labels only the integers of an axis, such as years: Vega puts ticks between two of them, too."""

SHARED: Final = ("$schema", "data", "datasets", "params")
"""What a specification declares once for all of its charts."""

CONFIG: Final[dict[str, Any]] = {
    "background": "transparent",
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "gridColor": INK,
        "gridOpacity": 0.12,
        "domainColor": INK,
        "domainOpacity": 0.3,
        "tickColor": INK,
        "tickOpacity": 0.3,
        "labelLimit": 220,
    },
    "legend": {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 12,
        "titleFontWeight": "normal",
        # Beside each other, two legends are wider than a phone.
        "layout": {"bottom": {"direction": "vertical"}},
    },
    "title": {"color": INK, "subtitleColor": INK, "fontSize": 15, "subtitleFontSize": 12, "anchor": "start"},
    "header": {"labelColor": INK, "titleColor": INK, "labelFontSize": 12},
    "text": {"color": INK},
    "rule": {"color": INK},
    "range": {"category": list(SERIES)},
}


@dataclass(frozen=True)
class Caption:
    """What stands around a chart: its title, unit and year below it, and sources with licences at the end."""

    title: str
    subtitle: str
    sources: Sequence[str]


def beside_names(width: int) -> int:
    """The pixels that the names of cities leave in a chart of a width."""
    return width - (200 if width > 400 else 130)


def captioned(chart: Any, caption: Caption, width: int) -> dict[str, Any]:
    """The Vega-Lite specification of a chart (of altair) with its caption, for a width in pixels."""
    letters = max(28, width // 7)
    top = alt.TitleParams(
        text=wrapped(caption.title, letters), subtitle=wrapped(caption.subtitle, letters + 6), offset=12
    )
    bottom = alt.TitleParams(
        text=[line for source in caption.sources for line in wrapped(source, letters + 12)],
        orient="bottom",
        fontSize=10,
        fontWeight="normal",
        offset=14,
    )
    drawn = chart.to_dict(validate=False)
    drawn.pop("config", None)
    # What a concatenation of altair would do, which copies all data several times.
    common = {key: drawn.pop(key) for key in SHARED if key in drawn}
    inner = {"hconcat": [drawn], "title": top.to_dict(validate=False)}
    return {**common, "vconcat": [inner], "title": bottom.to_dict(validate=False), "config": CONFIG}


def wrapped(text: str, letters: int) -> list[str]:
    """A text in lines of about so many Latin letters; an ideograph is as wide as two."""
    lines, line, taken = [], "", 0
    for word in _words(text):
        wide = sum(1 + (ord(letter) > 0x2E7F) for letter in word)
        if line and taken + wide > letters:
            lines.append(line.strip())
            line, taken = "", 0
        line, taken = line + word, taken + wide
    return [*lines, line.strip()]


def _words(text: str) -> list[str]:
    """Words with the space after them; each ideograph is one."""
    parts = [""]
    for letter in text:
        parts[-1] += letter
        if letter == " " or ord(letter) > 0x2E7F:
            parts.append("")
    return [part for part in parts if part]
