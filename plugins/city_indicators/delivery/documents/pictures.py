"""Draws the charts of a document, each once."""

import hashlib
import json
import re
from functools import cache
from typing import Final

from city_indicators.delivery.charts.picture import Kind, drawn
from city_indicators.delivery.documents.model import Chart

SIZE: Final = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def picture(chart: Chart, kind: Kind) -> bytes:
    """A chart as SVG or PNG."""
    return _picture(json.dumps(chart.specification, sort_keys=True), kind)


def name_of(chart: Chart) -> str:
    """The name of a chart: two that look alike have the same."""
    return hashlib.sha256(json.dumps(chart.specification, sort_keys=True).encode()).hexdigest()[:16]


def proportion(svg: bytes) -> float:
    """The height of a picture divided by its width."""
    found = SIZE.search(svg.decode())
    width, height = (float(each) for each in found.groups()) if found else (1.0, 1.0)
    return height / width


@cache
def _picture(specification: str, kind: Kind) -> bytes:
    return drawn(json.loads(specification), kind)
