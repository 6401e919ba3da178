"""Reads method files, and those of the catalogue against the catalogue."""

from pathlib import Path
from typing import Any

from city_indicators.catalog.load import parse, read_yaml
from city_indicators.catalog.models import Catalogue
from city_indicators.errors import CatalogueError
from city_indicators.paths import CATALOG
from city_indicators.ratings.method import Method


def read_method(file: Path) -> Method:
    """The method of one file, which may extend another of its folder.

    `extends: other` takes over what the file does not say itself; `add` has, by pillar, what it gets besides:
    lists of indicators or pillars, and the weights that then hold, by part.

    Raises:
        CatalogueError: names the file, the key and what is wrong with it.
    """
    return parse(Method, _resolved(file, ()), file, "rating")


def load_methods(catalogue: Catalogue, root: Path = CATALOG) -> dict[str, Method]:
    """All methods of the catalogue by id.

    Raises:
        CatalogueError: a file is wrong, or names what the catalogue does not have.
    """
    methods = {}
    for file in sorted((root / "ratings").glob("*.yaml")):
        method = read_method(file)
        if method.id != file.stem:
            raise CatalogueError(file, "id", f"is {method.id!r}, but the file is named {file.stem!r}")
        _check(method, catalogue, file)
        methods[method.id] = method
    return methods


def _resolved(file: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    if file in seen:
        raise CatalogueError(
            file, "extends", f"goes in a circle: {' → '.join(f.stem for f in (*seen, file))}"
        )
    document = read_yaml(file)
    if not isinstance(document, dict):
        raise CatalogueError(file, "(file)", "is not a mapping of keys")
    if _contains_itself(document):
        raise CatalogueError(file, "pillars", "a pillar contains itself: a cycle of YAML aliases")
    if "extends" not in document:
        return document
    own = {key: value for key, value in document.items() if key not in ("extends", "add")}
    merged = _resolved(file.with_name(f"{document['extends']}.yaml"), (*seen, file)) | own
    for pillar, more in document.get("add", {}).items():
        _add(merged, pillar, more, file)
    return merged


def _contains_itself(value: Any, above: tuple[int, ...] = ()) -> bool:
    if id(value) in above:
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_contains_itself(part, (*above, id(value))) for part in inner)


def _add(merged: dict[str, Any], pillar: str, more: dict[str, Any], file: Path) -> None:
    found = next((node for node in _pillars(merged) if node.get("id") == pillar), None)
    if found is None:
        raise CatalogueError(file, f"add.{pillar}", "is no pillar of the method that is extended")
    for key in ("pillars", "indicators"):
        if key in more:
            found[key] = [*found.get(key, []), *more[key]]
    weights = more.get("weights", {})
    for part in [*found.get("pillars", []), *found.get("indicators", [])]:
        name = part.get("id", part.get("indicator"))
        part["weight"] = weights.get(name, part.get("weight"))


def _pillars(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [found for part in node.get("pillars", []) for found in (part, *_pillars(part))]


def _check(method: Method, catalogue: Catalogue, file: Path) -> None:
    if unknown := [i for i in method.used if i not in catalogue.indicators]:
        raise CatalogueError(file, "pillars", f"{unknown} are not in include/catalog/indicators")
    if method.group and method.group not in catalogue.groups:
        raise CatalogueError(file, "group", f"{method.group} is not in include/catalog/groups.yaml")
    for pillar in method.root.below():
        if pillar.name.en in (pillar.name.ru, pillar.name.zh):
            raise CatalogueError(file, pillar.id, "needs names in en, ru and zh")
    for entry in method.entries:
        if entry.worst is not None and not entry.rationale:
            raise CatalogueError(file, entry.indicator, "goalposts need a rationale")
        direction = catalogue.indicators[entry.indicator].direction
        if direction != "context" and (direction == "higher") != (entry.sign > 0):
            raise CatalogueError(
                file,
                entry.indicator,
                f"is rated against its direction, {direction!r} in include/catalog/indicators",
            )
