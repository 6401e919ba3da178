"""Charts of the site: their specification is in the page, and the script of the pages draws it."""

import json
from typing import Any

from markupsafe import Markup

from city_indicators.delivery.charts.style import WIDTHS
from city_indicators.delivery.documents.model import Chart


def specifications(chart: Chart) -> Markup:
    """What the script draws for each width."""
    return in_script({width: chart.draw(width) for width in WIDTHS})


def in_script(data: Any) -> Markup:
    """Data as JSON that stands in an element script: nothing in it ends the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704
