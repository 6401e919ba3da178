"""Charts of the site: their specification is in the page, and the script of the pages draws it."""

import json
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from city_indicators.delivery.documents.model import Chart


def specifications(chart: Chart, widths: Sequence[int]) -> Markup:
    """What the script draws for each width; the rows, mostly the same ones, stand beside it once."""
    drawn = {str(width): chart.draw(width) for width in widths}
    datasets: dict[str, Any] = {}
    for each in drawn.values():
        datasets |= each.pop("datasets", {})
    return in_script({**drawn, "datasets": datasets})


def in_script(data: Any) -> Markup:
    """Data as JSON that stands in an element script: nothing in it ends the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704
