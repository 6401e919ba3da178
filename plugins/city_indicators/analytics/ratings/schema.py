"""Writes docs/rating_method.schema.json, with which editors check method files."""

import json
from typing import Any, Final

from city_indicators.analytics.ratings.method import Method
from city_indicators.core.paths import PROJECT

FILE: Final = PROJECT / "docs" / "rating_method.schema.json"


def schema() -> dict[str, Any]:
    """The JSON Schema of a method file.

    Rules that a schema cannot express, for example that weights sum to 1, are checked when the file is read.
    """
    found = Method.model_json_schema()
    pillars = {"type": "array", "items": {"$ref": "#/$defs/Pillar"}}
    indicators = {"type": "array", "items": {"$ref": "#/$defs/MethodIndicator"}}
    weights = {"type": "object", "additionalProperties": {"type": "number", "exclusiveMinimum": 0}}
    more = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"pillars": pillars, "indicators": indicators, "weights": weights},
    }
    found["properties"] |= {
        "extends": {"type": "string", "description": "The method in the same folder that this one extends."},
        "add": {
            "type": "object",
            "additionalProperties": more,
            "description": "Additions to pillars of the extended method.",
        },
    }
    # A file that extends another inherits the other fields.
    found["required"] = ["id"]
    found["anyOf"] = [{"required": ["extends"]}, {"required": ["name", "version"]}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


if __name__ == "__main__":
    FILE.write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
