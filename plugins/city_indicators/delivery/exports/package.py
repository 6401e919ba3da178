"""Tables as a Data Package v2: CSV files and a descriptor of their content, in one zip."""

import json
import re
import zipfile
from typing import IO, Any, Final

from sqlalchemy import Connection, String, func, select

from city_indicators.core.languages import ENGLISH
from city_indicators.delivery.exports import delimited
from city_indicators.delivery.exports.facts import Facts, names_of
from city_indicators.delivery.exports.fields import Field
from city_indicators.delivery.exports.files import add
from city_indicators.delivery.exports.kinds import Kind, kind
from city_indicators.delivery.exports.tables import Export, Part
from city_indicators.delivery.exports.texts import LICENCES, description, heading, stem

PROFILES: Final = "https://datapackage.org/profiles/2.0"

TYPES: Final[dict[Kind, str]] = {"json": "string", "text": "string"}
"""Field types whose name differs from the kind; JSON may be other than an object."""

LICENCE_NAME: Final = re.compile(r"[-a-zA-Z0-9._]+")


def write(connection: Connection, export: Export, facts: Facts, file: IO[bytes]) -> None:
    """Write the package; `frictionless validate` accepts it once it is unzipped."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        for part in export.parts:
            add(bundle, f"{part.name}.csv", delimited.blocks(connection, part), facts.exported_at)
        content = json.dumps(descriptor(connection, export, facts), ensure_ascii=False, indent=2)
        add(bundle, "datapackage.json", [content.encode()], facts.exported_at)


def descriptor(connection: Connection, export: Export, facts: Facts) -> dict[str, Any]:
    """The descriptor datapackage.json."""
    title = ", ".join([export.name, *(f"{column} {value}" for column, value in export.where)])
    return {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": re.sub(r"[^a-z0-9.]+", "-", f"city-indicators-{title}".lower()).strip("-"),
        "title": f"City indicators: {title}",
        "description": LICENCES,
        "version": _version(export, facts),
        "created": facts.exported_at.isoformat(timespec="seconds"),
        "licenses": [_licence(source) for source in facts.sources],
        "sources": [
            {"title": f"{source['name']} ({source['source']})", "path": source["base_url"]}
            for source in facts.sources
        ],
        "resources": [_resource(connection, part, export) for part in export.parts],
    }


def _version(export: Export, facts: Facts) -> str:
    """The version of the edition; the day of export for tables that are not frozen."""
    day = facts.exported_at.date().isoformat()
    return dict(export.where).get("edition", day) if "edition" in export.name else day


def _licence(source: dict[str, Any]) -> dict[str, str]:
    licence = {"title": f"{source['licence']}: {source['attribution']}"}
    if LICENCE_NAME.fullmatch(source["licence"]):
        licence["name"] = source["licence"]
    if source["licence_url"]:
        licence["path"] = source["licence_url"]
    return licence


def _resource(connection: Connection, part: Part, export: Export) -> dict[str, Any]:
    return {
        "$schema": f"{PROFILES}/dataresource.json",
        "name": part.name,
        "type": "table",
        "title": part.table.fullname,
        "description": description(part.table, "en").holds,
        "path": f"{part.name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": _schema(connection, part, export),
    }


def _schema(connection: Connection, part: Part, export: Export) -> dict[str, Any]:
    empty = _with_empty_text(connection, part)
    units = _units(connection, part, export)
    schema: dict[str, Any] = {
        "$schema": f"{PROFILES}/tableschema.json",
        "fields": [_field(field, field.name in empty, units) for field in part.fields],
        "missingValues": [""],
    }
    if key := list(part.table.primary_key.columns.keys()):
        schema["primaryKey"] = key
    if keys := _foreign_keys(part, export):
        schema["foreignKeys"] = keys
    return schema


def _field(field: Field, has_empty: bool, units: list[dict[str, str]]) -> dict[str, Any]:
    of_kind = kind(field.type)
    described: dict[str, Any] = {
        "name": field.name,
        "type": TYPES.get(of_kind, of_kind),
        "title": _title(field.name),
    }
    if of_kind == "json":
        described["description"] = "JSON."
    if field.comment:
        described["description"] = field.comment
    if not field.nullable and not has_empty:
        described["constraints"] = {"required": True}
    if field.name == "unit_measure" and units:
        described["categories"] = units
    return described


def _title(column: str) -> str:
    """The label; for a name also its language."""
    label, name = heading(column, ENGLISH), stem(column)
    return label if name == column else f"{label} ({column.removeprefix(f'{name}_')})"


def _with_empty_text(connection: Connection, part: Part) -> set[str]:
    """The columns with an empty text, which CSV readers interpret as a missing value."""
    texts = [column for column in part.table.columns if isinstance(column.type, String)]
    has_empty = [func.bool_or(column == "").label(column.name) for column in texts]
    found = connection.execute(select(func.count(), *has_empty).where(part.condition)).mappings().one()
    return {column.name for column in texts if found[column.name]}


def _units(connection: Connection, part: Part, export: Export) -> list[dict[str, str]]:
    names = names_of(connection, export, "en")
    return [
        {"value": unit, "label": names.get(("unit", unit), unit)}
        for unit in part.distinct(connection, "unit_measure")
    ]


def _foreign_keys(part: Part, export: Export) -> list[dict[str, Any]]:
    """The foreign keys that lead to a table of the same package."""
    names = {other.table.fullname: other.name for other in export.parts}
    keys = []
    for constraint in part.table.foreign_key_constraints:
        target, _, _ = constraint.elements[0].target_fullname.rpartition(".")
        if target in names:
            referred = [element.target_fullname.rpartition(".")[2] for element in constraint.elements]
            reference = {"resource": names[target], "fields": referred}
            keys.append({"fields": list(constraint.column_keys), "reference": reference})
    return keys
