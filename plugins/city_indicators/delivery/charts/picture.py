"""Draws a specification as SVG or PNG, and writes the browser's script: the program of a short-lived process.

The engine takes 150 MB and seconds to start, so it does not run in the API server.
"""

import json
import sys
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

Kind = Literal["svg", "png"]
VERSION: Final = "6.4"
"""The version of Vega-Lite that altair writes."""
SCALE: Final = 2
"""Pixels of a PNG per pixel of the chart."""


def main(kind: str) -> bytes:
    """The picture of the specification on the standard input, or the browser's `script`."""
    import vl_convert

    if kind == "script":
        return vl_convert.javascript_bundle(None, VERSION).encode()  # type: ignore[arg-type]
    return drawn(json.load(sys.stdin), "svg" if kind == "svg" else "png")


def drawn(specification: dict[str, Any], kind: Kind) -> bytes:
    """The picture of a specification, whose config it alters; the first one of a process takes seconds."""
    import vl_convert

    _register_font()
    specification["config"] |= {"font": "Noto Sans SC"}
    if kind == "svg":
        return vl_convert.vegalite_to_svg(specification, vl_version=VERSION).encode()
    specification["config"]["background"] = "white"
    return bytes(vl_convert.vegalite_to_png(specification, vl_version=VERSION, scale=SCALE))


@cache
def _register_font() -> None:
    """Make the font known, once: the engine reads all fonts again after it."""
    import vl_convert

    vl_convert.register_font_directory(str(files("pylopdf_fonts_zh_cn")))


if __name__ == "__main__":
    sys.stdout.buffer.write(main(sys.argv[1]))
