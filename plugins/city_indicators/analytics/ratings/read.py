"""Reads method files, and checks those of the catalogue against the catalogue."""

from math import fsum
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import ConfigDict, Field

from city_indicators.analytics.ratings.method import Method, MethodIndicator
from city_indicators.catalog.entry import Entry, Identifier, ObsStatus
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.catalog.models import Catalogue
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import CATALOG

# Projections are never rated; imputed values have the status I.
RATED_STATUSES: Final = tuple(sorted({*get_args(ObsStatus), "I"} - {"F"}))


class Addition(Entry):
    """Additions to a pillar of an extended method: more parts, and the new weights by part."""

    pillars: list[dict[str, Any]] = Field(default_factory=list)
    indicators: list[dict[str, Any]] = Field(default_factory=list)
    weights: dict[str, float] = Field(default_factory=dict)


class Outline(Entry):
    """The fields of a method file, or of a pillar in it, that are needed to merge it with another."""

    model_config = ConfigDict(extra="allow")

    extends: Identifier | None = None
    add: dict[str, Addition] = Field(default_factory=dict)
    pillars: list["Outline"] = Field(default_factory=list)
    indicators: list[dict[str, Any]] = Field(default_factory=list)


def read_method(file: Path) -> Method:
    """Read a method file, which may extend another one in its folder.

    With `extends: other`, fields that the file does not define come from the other; `add` has an `Addition`
    by pillar.

    Raises:
        CatalogueError: the file is invalid; names the file, the key and the fault.
    """
    method = parse(Method, _resolved(file, ()), file, "rating")
    # Not checked by the model, so that stored versions can always be read.
    _check_shares(method, file)
    _check_noise(method, file)
    return method


def load_methods(catalogue: Catalogue, root: Path = CATALOG) -> dict[str, Method]:
    """Read all methods of the catalogue, by id.

    Raises:
        CatalogueError: a file is invalid, or names something that is not in the catalogue.
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
            f"does not name {unnamed}: values of this status would get no noise. Next step: "
            f"give a deviation to each of {list(RATED_STATUSES)}",
        )


def _check_shares(method: Method, file: Path) -> None:
    shares = (method.uncertainty.factors.shares or {}) if method.uncertainty else {}
    for pillar in method.root.below():
        drawn = [shares[part.id] for part in pillar.parts if part.id in shares]
        key = f"uncertainty.factors.shares.{pillar.id}"
        if len(drawn) == len(pillar.parts):
            raise CatalogueError(file, key, "all its parts are drawn: leave one out, which gets the rest")
        if (total := fsum(high for _, high in drawn)) > 1 + 1e-9:
            raise CatalogueError(file, key, f"the upper bounds of its parts sum to {total:g}, more than 1")


def _resolved(file: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    if file in seen:
        raise CatalogueError(file, "extends", f"is circular: {' → '.join(f.stem for f in (*seen, file))}")
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
        raise CatalogueError(file, f"add.{pillar}", "is not a pillar of the extended method")
    found["pillars"] = [*found.get("pillars", []), *more.pillars]
    found["indicators"] = [*found.get("indicators", []), *more.indicators]
    parts = {part.get("id", part.get("indicator")): part for part in found["pillars"] + found["indicators"]}
    if unknown := sorted(set(more.weights) - set(parts)):
        raise CatalogueError(file, f"add.{pillar}.weights", f"{unknown} are not parts of the pillar")
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
            "uses other years, but the warehouse rates each year by its own data. Next step: use "
            "max_age_years or goalposts",
        )
    if method.group and method.group not in catalogue.groups:
        raise CatalogueError(file, "group", f"{method.group} is not in include/catalog/groups.yaml")
    for pillar in method.root.below():
        if pillar.name.en in (pillar.name.ru, pillar.name.zh):
            raise CatalogueError(file, pillar.id, "needs names in en, ru and zh")
    for entry in method.entries:
        _check_indicator(entry, catalogue, file)


def _check_indicator(entry: MethodIndicator, catalogue: Catalogue, file: Path) -> None:
    if entry.id != entry.indicator:
        fault = "has an id of its own, but the tables of the warehouse have one row per indicator"
        raise CatalogueError(file, entry.id, fault)
    if (entry.worst is not None or entry.band) and not entry.rationale:
        raise CatalogueError(file, entry.indicator, "goalposts need a rationale")
    direction = catalogue.indicators[entry.indicator].direction
    if direction != "context" and not entry.band and (direction == "higher") != (entry.sign > 0):
        raise CatalogueError(
            file,
            entry.indicator,
            f"is rated against its direction, {direction!r} in include/catalog/indicators",
        )
