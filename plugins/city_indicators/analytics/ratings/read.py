"""Reads method files, and those of the catalogue against the catalogue."""

from math import fsum
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import ConfigDict, Field

from city_indicators.analytics.ratings.method import Method
from city_indicators.catalog.entry import Entry, Identifier, ObsStatus
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.catalog.models import Catalogue
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import CATALOG

# Projections are never rated, and what is imputed has a status of its own.
RATED_STATUSES: Final = tuple(sorted({*get_args(ObsStatus), "I"} - {"F"}))


class Addition(Entry):
    """What a pillar of an extended method gets: further parts, and the weights that then hold, by part."""

    pillars: list[dict[str, Any]] = Field(default_factory=list)
    indicators: list[dict[str, Any]] = Field(default_factory=list)
    weights: dict[str, float] = Field(default_factory=dict)


class Outline(Entry):
    """As much of a method file, or of a pillar in it, as is needed to put it together with another."""

    model_config = ConfigDict(extra="allow")

    extends: Identifier | None = None
    add: dict[str, Addition] = Field(default_factory=dict)
    pillars: list["Outline"] = Field(default_factory=list)
    indicators: list[dict[str, Any]] = Field(default_factory=list)


def read_method(file: Path) -> Method:
    """The method of one file, which may extend another of its folder.

    `extends: other` takes over what the file does not say itself; `add` has an `Addition` by pillar.

    Raises:
        CatalogueError: names the file, the key and what is wrong with it.
    """
    method = parse(Method, _resolved(file, ()), file, "rating")
    # Not by the model, so that a version that the warehouse keeps can be read for ever.
    _check_shares(method, file)
    _check_noise(method, file)
    return method


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


def _check_noise(method: Method, file: Path) -> None:
    noise = method.uncertainty.factors.noise if method.uncertainty else None
    if noise is not None and (unnamed := sorted(set(RATED_STATUSES) - set(noise))):
        raise CatalogueError(
            file,
            "uncertainty.factors.noise",
            f"does not name {unnamed}: observations of such a status would be surer than all others. Next step: "
            f"give a deviation to each of {list(RATED_STATUSES)}",
        )


def _check_shares(method: Method, file: Path) -> None:
    shares = (method.uncertainty.factors.shares or {}) if method.uncertainty else {}
    for pillar in method.root.below():
        drawn = [shares[part.id] for part in pillar.parts if part.id in shares]
        key = f"uncertainty.factors.shares.{pillar.id}"
        if len(drawn) == len(pillar.parts):
            raise CatalogueError(file, key, "all its parts are drawn: leave one out, which takes the rest")
        if (total := fsum(high for _, high in drawn)) > 1 + 1e-9:
            raise CatalogueError(
                file, key, f"the upper bounds of its parts sum to {total:g}, beyond the whole"
            )


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
    outline = parse(Outline, document, file, "rating")
    if outline.extends is None:
        return document
    own = {key: value for key, value in document.items() if key not in ("extends", "add")}
    merged = _resolved(file.with_name(f"{outline.extends}.yaml"), (*seen, file)) | own
    for pillar, more in outline.add.items():
        _add(merged, pillar, more, file)
    return merged


def _contains_itself(value: Any, above: tuple[int, ...] = ()) -> bool:
    if id(value) in above:
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_contains_itself(part, (*above, id(value))) for part in inner)


def _add(merged: dict[str, Any], pillar: str, more: Addition, file: Path) -> None:
    found = next((node for node in _pillars(merged) if node.get("id") == pillar), None)
    if found is None:
        raise CatalogueError(file, f"add.{pillar}", "is no pillar of the method that is extended")
    found["pillars"] = [*found.get("pillars", []), *more.pillars]
    found["indicators"] = [*found.get("indicators", []), *more.indicators]
    parts = {part.get("id", part.get("indicator")): part for part in found["pillars"] + found["indicators"]}
    if unknown := sorted(set(more.weights) - set(parts)):
        raise CatalogueError(file, f"add.{pillar}.weights", f"{unknown} are no parts of the pillar")
    for name, weight in more.weights.items():
        parts[name]["weight"] = weight


def _pillars(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [found for part in node.get("pillars", []) for found in (part, *_pillars(part))]


def _check(method: Method, catalogue: Catalogue, file: Path) -> None:
    if unknown := [i for i in method.used if i not in catalogue.indicators]:
        raise CatalogueError(file, "pillars", f"{unknown} are not in include/catalog/indicators")
    if across := method.steps_across_years:
        raise CatalogueError(
            file,
            across[0],
            "looks at other years, but the warehouse rates each year by its own observations. Next step: use "
            "max_age_years or goalposts",
        )
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
