"""Writes docs/rating_method.schema.json, by which an editor checks a method file while it is written."""

import json
from typing import Any, Final

from city_indicators.analytics.ratings.method import Method
from city_indicators.core.paths import PROJECT

FILE: Final = PROJECT / "docs" / "rating_method.schema.json"


def schema() -> dict[str, Any]:
    """The JSON Schema of a method file.

    What no schema can say, such as weights that sum to 1, is checked when the file is read.
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
        "extends": {"type": "string", "description": "The method of the same folder that is taken over."},
        "add": {"type": "object", "additionalProperties": more, "description": "What pillars get besides."},
    }
    # A file that extends another takes the rest from it.
    found["required"] = ["id"]
    found["anyOf"] = [{"required": ["extends"]}, {"required": ["name", "version"]}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


if __name__ == "__main__":
    FILE.write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
