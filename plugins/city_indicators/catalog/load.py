"""Loads and checks include/catalog: a mistake fails at load, and the error names file, key and fault."""

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import ValidationError

from city_indicators.catalog.check import check
from city_indicators.catalog.entry import Entry, Names
from city_indicators.catalog.models import Basis, Catalogue, City, Country, Group, Indicator, Unit
from city_indicators.catalog.source import Source
from city_indicators.core.errors import CatalogueError
from city_indicators.core.languages import DECLARED
from city_indicators.core.paths import CATALOG, source_file, source_ids

OTHER_COUNTRIES: Final = "other_countries.csv"
EntryT = TypeVar("EntryT", bound=Entry)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe YAML loader that refuses duplicate keys, which YAML itself would overwrite silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        own = [key for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        # The base loader itself refuses a list or a mapping as a key, for example `{{ name }}: `.
        keys = [self.construct_object(key, deep=True) for key in own if isinstance(key, yaml.ScalarNode)]
        if repeated := [key for key, times in Counter(keys).items() if times > 1]:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {repeated[0]!r} appears more than once", node.start_mark
            )
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def read_yaml(file: Path) -> Any:
    """The content of a YAML file.

    Raises:
        CatalogueError: the file is absent or not YAML.
    """
    try:
        return yaml.load(file.read_bytes(), Loader=_Loader)  # noqa: S506 - a safe loader
    except FileNotFoundError:
        raise CatalogueError(file, "(file)", "is absent") from None
    except (yaml.YAMLError, ValueError) as error:
        # An impossible date is a ValueError. The parser names the position on lines of their own.
        raise CatalogueError(file, "(file)", f"is not YAML: {' '.join(str(error).split())}") from error


def parse(model: type[EntryT], data: Any, file: Path, key: str) -> EntryT:
    """One catalogue object from parsed YAML or CSV.

    Raises:
        CatalogueError: names the file, the key and what is wrong with it.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise CatalogueError(file, f"{key}.{where}".rstrip("."), fault["msg"]) from error


def load_source(file: Path) -> Source:
    """One source, from its own file.

    Raises:
        CatalogueError: the file is wrong, or its id differs from its name.
    """
    source = parse(Source, read_yaml(file), file, "source")
    if source.id != file.stem:
        raise CatalogueError(file, "id", f"is {source.id!r}, but the file is named {file.stem!r}")
    return source


def load_sources(root: Path = CATALOG) -> dict[str, Source]:
    """All sources by id; cheap enough to call in a DAG file at every parse."""
    return {name: load_source(source_file(name, root)) for name in source_ids(root)}


def load_catalogue(root: Path = CATALOG) -> Catalogue:
    """The complete catalogue, cross-checked.

    Raises:
        CatalogueError: a file, a value or a reference from one file to another is wrong.
    """
    catalogue = Catalogue(
        countries=_by_id(Country, _read_csv(root / "countries.csv"), root / "countries.csv", "ref_area"),
        country_names=read_pairs(root / "country_names.csv", "name", "ref_area"),
        cities=_by_id(City, _read_csv(root / "cities.csv"), root / "cities.csv", "ref_area"),
        groups=_by_id(Group, read_yaml(root / "groups.yaml"), root / "groups.yaml", "id"),
        geo_bases=_by_id(Basis, read_yaml(root / "geo_bases.yaml"), root / "geo_bases.yaml", "id"),
        units=_by_id(Unit, read_yaml(root / "units.yaml"), root / "units.yaml", "id"),
        indicators=_indicators(root / "indicators"),
        sources=load_sources(root),
    )
    check(catalogue, root)
    return catalogue


def iso_countries(ours: Mapping[str, Country], root: Path = CATALOG) -> dict[str, str]:
    """The English name of every country by its ISO 3166-1 alpha-3 code, ours and all others.

    Raises:
        CatalogueError: other_countries.csv repeats a country of ours.
    """
    others = other_countries(root)
    if both := others.keys() & ours.keys():
        raise CatalogueError(root / OTHER_COUNTRIES, min(both), "is in countries.csv too")
    return {code: country.name_en for code, country in ours.items()} | {
        code: names["name_en"] for code, names in others.items()
    }


def other_countries(root: Path = CATALOG) -> dict[str, dict[str, str]]:
    """The names of the countries that are not ours by their ISO 3166-1 alpha-3 code, as `name_en` and so on.

    Raises:
        CatalogueError: the file is absent or not CSV, or lacks a column.
    """
    columns = [f"name_{language}" for language in DECLARED]
    by_column = {column: read_pairs(root / OTHER_COUNTRIES, "country", column) for column in columns}
    return {code: {column: by_column[column][code] for column in columns} for code in by_column[columns[0]]}


def read_pairs(file: Path, key: str, value: str) -> dict[str, str]:
    """Two columns of a table as a dictionary.

    Raises:
        CatalogueError: the file is absent or not CSV, or lacks one of the columns.
    """
    try:
        return {row[key]: row[value] for row in _read_csv(file)}
    except KeyError as error:
        raise CatalogueError(file, "(header)", f"has no column {error}") from None


def _read_csv(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))
    except FileNotFoundError:
        raise CatalogueError(file, "(file)", "is absent") from None
    except UnicodeDecodeError as error:
        raise CatalogueError(file, "(file)", f"is not UTF-8: {error}") from error
    except csv.Error as error:
        raise CatalogueError(file, "(file)", f"is not CSV: {error}") from error


def _by_id(model: type[EntryT], rows: Any, file: Path, id_field: str) -> dict[str, EntryT]:
    if not isinstance(rows, list):
        raise CatalogueError(file, "(file)", "is not a list of entries")
    entries = [parse(model, row, file, _label(row, number, id_field)) for number, row in enumerate(rows, 1)]
    ids = [getattr(entry, id_field) for entry in entries]
    if repeated := [key for key, times in Counter(ids).items() if times > 1]:
        raise CatalogueError(file, repeated[0], "appears more than once")
    return dict(zip(ids, entries, strict=True))


def _indicators(folder: Path) -> dict[str, Indicator]:
    """The indicators of all pillars, one file a pillar."""
    indicators: dict[str, Indicator] = {}
    for file in sorted(folder.glob("*.yaml")):
        for indicator in _by_id(Indicator, read_yaml(file), file, "id").values():
            if indicator.id in indicators:
                raise CatalogueError(file, indicator.id, "is in another file too")
            if indicator.pillar != file.stem:
                raise CatalogueError(
                    file, f"{indicator.id}.pillar", f"is {indicator.pillar!r}, not {file.stem!r}"
                )
            indicators[indicator.id] = indicator
    if not indicators:
        raise CatalogueError(folder, "(folder)", "has no indicators")
    return indicators


def _label(row: Any, number: int, id_field: str) -> str:
    return str(row.get(id_field) or f"entry {number}") if isinstance(row, dict) else f"entry {number}"


def translated(names: Names, prefix: str = "name_") -> dict[str, str]:
    """A name, or another text, as the three columns that tables carry."""
    return {prefix + language: text for language, text in names.model_dump().items()}
