"""Cross-checks the files of the catalogue."""

from collections import Counter
from pathlib import Path
from typing import get_args

from city_indicators.catalog.entry import GeoBasis
from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import source_file


def check(catalogue: Catalogue, root: Path) -> None:
    """Check every reference from one file to another.

    Raises:
        CatalogueError: a reference leads nowhere; names the file, the key and the reference.
    """
    _check_places(catalogue, root)
    _check_indicators(catalogue, root)
    if missing := set(get_args(GeoBasis)) - catalogue.geo_bases.keys():
        raise CatalogueError(root / "geo_bases.yaml", "id", f"{sorted(missing)} are absent")
    for source in catalogue.sources.values():
        file = source_file(source.id, root)
        _check_series(catalogue, source, file)
        _check_areas(catalogue, source, file)
        _check_absent(catalogue, source, file)
        _check_people(source, file)
        _check_expected(source, file)
    _check_precedence(catalogue, root)
    connections = Counter(source.connection for source in catalogue.sources.values())
    if shared := [connection for connection, sources in connections.items() if sources > 1]:
        raise CatalogueError(root / "sources", shared[0], "is the connection of more than one source")


def _check_places(catalogue: Catalogue, root: Path) -> None:
    for city in catalogue.cities.values():
        if city.country not in catalogue.countries:
            raise CatalogueError(
                root / "cities.csv",
                f"{city.ref_area}.country",
                f"{city.country!r} is not in countries.csv",
            )
    for name, ref_area in catalogue.country_names.items():
        if ref_area not in catalogue.countries:
            raise CatalogueError(root / "country_names.csv", name, f"{ref_area!r} is not in countries.csv")
    for group in catalogue.groups.values():
        for member in group.members:
            if member.country not in catalogue.countries:
                raise CatalogueError(
                    root / "groups.yaml",
                    f"{group.id}.members",
                    f"{member.country!r} is not in countries.csv",
                )


def _check_indicators(catalogue: Catalogue, root: Path) -> None:
    for indicator in catalogue.indicators.values():
        file = root / "indicators" / f"{indicator.pillar}.yaml"
        for part in indicator.at_least:
            if part not in catalogue.indicators or catalogue.indicators[part].unit != indicator.unit:
                raise CatalogueError(
                    file, f"{indicator.id}.at_least", f"{part!r} is no indicator measured in {indicator.unit}"
                )
        for unit in [indicator.unit, *indicator.also_units]:
            if unit not in catalogue.units:
                raise CatalogueError(file, f"{indicator.id}.unit", f"{unit!r} is not in units.yaml")


def _check_precedence(catalogue: Catalogue, root: Path) -> None:
    """Sources of the same indicator and basis need different precedences: nothing else decides."""
    first: dict[tuple[str, str, int], str] = {}
    for source in catalogue.sources.values():
        for series in source.series:
            other = first.setdefault((series.indicator, series.geo_basis, source.precedence), source.id)
            if other != source.id:
                raise CatalogueError(
                    source_file(source.id, root),
                    "precedence",
                    f"is that of {other}, and both give {series.indicator} for {series.geo_basis}: "
                    "give different ones, the lower is preferred",
                )


def _check_series(catalogue: Catalogue, source: Source, file: Path) -> None:
    for number, series in enumerate(source.series):
        key = f"series[{number}]"
        indicator = catalogue.indicators.get(series.indicator)
        if indicator is None:
            raise CatalogueError(
                file, f"{key}.indicator", f"{series.indicator!r} is not in include/catalog/indicators"
            )
        if unknown := series.units - {indicator.unit, *indicator.also_units}:
            raise CatalogueError(file, f"{key}.unit", f"{indicator.id} is not measured in {sorted(unknown)}")
        if series.geo_basis not in indicator.geo_basis:
            raise CatalogueError(
                file, f"{key}.geo_basis", f"{indicator.id} does not allow the basis {series.geo_basis!r}"
            )


def _check_areas(catalogue: Catalogue, source: Source, file: Path) -> None:
    for code, ref_area in (source.areas or {}).items():
        if ref_area not in catalogue.cities and ref_area not in catalogue.countries:
            raise CatalogueError(file, f"areas.{code}", f"{ref_area!r} is neither a city nor a country")
    others = source.layout.other_country if source.layout else {}
    for country, names in others.items():
        for name, ref_area in names.items():
            if ref_area not in catalogue.countries:
                raise CatalogueError(
                    file, f"layout.other_country.{country}.{name}", f"{ref_area!r} is not in countries.csv"
                )
    for country, names in source.places.items():
        for name, city in names.items():
            if city not in catalogue.cities or catalogue.cities[city].country != country:
                raise CatalogueError(file, f"places.{country}.{name}", f"{city!r} is no city of {country}")


def _check_absent(catalogue: Catalogue, source: Source, file: Path) -> None:
    for number, series in enumerate(source.series):
        if series.absent is None:
            continue
        key = f"series[{number}].absent"
        for ref_area in series.absent.places:
            if ref_area not in catalogue.cities:
                raise CatalogueError(file, f"{key}.places", f"{ref_area!r} is no city")
        period = series.period or (source.layout.period if source.layout else None)
        if not source.by_name or not isinstance(period, int):
            raise CatalogueError(file, key, "needs a table of one year that names places by country and name")


def _check_people(source: Source, file: Path) -> None:
    ours = {
        *(source.areas or {}).values(),
        *(city for names in source.places.values() for city in names.values()),
    }
    if odd := sorted(source.people.keys() ^ ours) if source.people else []:
        raise CatalogueError(file, "people", f"{odd[0]!r} must be among the places and here, or not at all")


def _check_expected(source: Source, file: Path) -> None:
    if (source.expected is None) != source.is_submission:
        raise CatalogueError(
            file,
            "expected",
            "is required for every source that we request data from, and for no other: it declares when its "
            "data are overdue",
        )
    if source.expected is None:
        return
    given = {series.indicator for series in source.series}
    if unknown := sorted(source.expected.indicators.keys() - given):
        raise CatalogueError(
            file, f"expected.indicators.{unknown[0]}", "is no indicator of the source's series"
        )
    if source.expected.changed_within_days and source.revision is None:
        raise CatalogueError(
            file,
            "expected.changed_within_days",
            "needs a source with a `revision`: without one, a change cannot be detected",
        )
