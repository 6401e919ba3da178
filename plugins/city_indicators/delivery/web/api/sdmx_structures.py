"""The structures of observations, from the dataflow to the code lists, as an SDMX-JSON 2.0 message."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal

from city_indicators.core.languages import message
from city_indicators.delivery.exports.sdmx import (
    AGENCY,
    ATTRIBUTES,
    COMMENT,
    DIMENSIONS,
    FLOW,
    MEASURE,
    SERIES,
    TIME,
    VERSION,
)
from city_indicators.delivery.web.api.sdmx_codes import (
    ENUMERATED,
    Names,
    component_names,
    named,
    translated,
)
from city_indicators.delivery.web.api.sdmx_data import SCHEMAS, meta

MEDIA_TYPE: Final = "application/vnd.sdmx.structure+json;version=2.0.0"
SCHEMA: Final = f"{SCHEMAS}/structure-message/tools/schemas/2.0.0/sdmx-json-structure-schema.json"
TITLE: Final = message("City indicators: observations")
CONCEPTS_TITLE: Final = message("City indicators: concepts of observations")
CONCEPTS: Final = "CONCEPTS"
MODEL: Final = "urn:sdmx:org.sdmx.infomodel"

Kind = Literal["dataflow", "datastructure", "conceptscheme", "codelist"]
References = Literal["none", "children", "descendants", "all", "datastructure", "conceptscheme", "codelist"]

NAMES: Final[dict[Kind, str]] = {
    "dataflow": "dataflows",
    "datastructure": "dataStructures",
    "conceptscheme": "conceptSchemes",
    "codelist": "codelists",
}
"""The kinds of artefacts, from the one that refers to others to those that refer to none, in a message."""

Artefact = dict[str, Any]
Artefacts = dict[Kind, list[Artefact]]


def artefacts(codes: Mapping[str, Mapping[str, Names]]) -> Artefacts:
    """All artefacts; the code lists are those of `codes` by component."""
    return {
        "dataflow": [{**_maintained(FLOW, translated(TITLE)), "structure": _urn("datastructure", FLOW)}],
        "datastructure": [{**_maintained(FLOW, translated(TITLE)), "dataStructureComponents": _components()}],
        "conceptscheme": [
            {**_maintained(CONCEPTS, translated(CONCEPTS_TITLE)), "concepts": list(_concepts())}
        ],
        "codelist": [
            {**_maintained(_list(component), component_names(component)), "codes": _items(codes[component])}
            for component in ENUMERATED
        ],
    }


def selected(every: Artefacts, kind: Kind, references: References, address: Mapping[str, str]) -> Artefacts:
    """The artefacts of a kind at an address, and those that they refer to as far as `references` says."""
    found = [each for each in every[kind] if admitted(address, each["agencyID"], each["id"])]
    order = list(NAMES)
    below = order[order.index(kind) + 1 :]
    if not found or references == "none" or kind == "conceptscheme":
        below = []
    elif references == "children" and kind == "dataflow":
        below = ["datastructure"]
    elif references in NAMES:
        below = [each for each in below if each == references]
    return {kind: found, **{each: every[each] for each in below}}


def written(found: Artefacts, prepared: datetime) -> bytes:
    """The message of artefacts."""
    data = {NAMES[kind]: artefacts for kind, artefacts in found.items()}
    return json.dumps({"meta": meta(SCHEMA, prepared), "data": data}, ensure_ascii=False).encode()


def _maintained(id_: str, names: Names) -> Artefact:
    return {"id": id_, "agencyID": AGENCY, "version": VERSION, **named(names)}


def _items(codes: Mapping[str, Names]) -> list[Artefact]:
    return [{"id": code, **named(names)} for code, names in codes.items()]


def _list(component: str) -> str:
    return f"CL_{component.upper()}"


def _urn(kind: Kind, id_: str, item: str = "") -> str:
    classes = {
        "dataflow": "datastructure.Dataflow",
        "datastructure": "datastructure.DataStructure",
        "conceptscheme": "conceptscheme.Concept",
        "codelist": "codelist.Codelist",
    }
    return f"{MODEL}.{classes[kind]}={AGENCY}:{id_}({VERSION}){item}"


def _concepts() -> Iterator[Artefact]:
    for component in (*DIMENSIONS, MEASURE, *ATTRIBUTES):
        yield {"id": component.upper(), **named(component_names(component))}


def _components() -> Artefact:
    dimensions = [{**_component(name), "position": position} for position, name in enumerate(SERIES)]
    attributes = [
        {
            **_component(name),
            "usage": "optional" if name == COMMENT else "mandatory",
            "attributeRelationship": {"observation": {}},
            "measureRelationship": [MEASURE.upper()],
        }
        for name in ATTRIBUTES
    ]
    return {
        "dimensionList": {
            "id": "DimensionDescriptor",
            "dimensions": dimensions,
            "timeDimension": _component(TIME),
        },
        "measureList": {"id": "MeasureDescriptor", "measures": [_component(MEASURE)]},
        "attributeList": {"id": "AttributeDescriptor", "attributes": attributes},
    }


def _component(name: str) -> Artefact:
    types = {TIME: "ObservationalTimePeriod", MEASURE: "Double"}
    representation: Artefact = (
        {"enumeration": _urn("codelist", _list(name))}
        if name in ENUMERATED
        else {"format": {"dataType": types.get(name, "String")}}
    )
    return {
        "id": name.upper(),
        "conceptIdentity": _urn("conceptscheme", CONCEPTS, f".{name.upper()}"),
        "localRepresentation": representation,
    }


def admitted(address: Mapping[str, str], agency: str, id_: str) -> bool:
    """Whether an address names an artefact: by agency, artefact and version, if it has them.

    Each may be `*` or several with commas, and the version `~` or `+` for the latest one.
    """
    version = address.get("version", "*")
    return (
        _named(agency, address.get("agency", "*"))
        and _named(id_, address.get("artefact", "*"))
        and (version in ("~", "+") or _named(VERSION, version))
    )


def _named(value: str, pattern: str) -> bool:
    choices = pattern.split(",")
    return "*" in choices or value in choices
