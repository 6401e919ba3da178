"""Synchronises the schema catalog with include/catalog, so that reports can join it."""

from datetime import date
from typing import Any

from sqlalchemy import URL, Connection

from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.catalog.expected import requested_within_days
from city_indicators.catalog.load import translated
from city_indicators.catalog.reference import Reference
from city_indicators.catalog.vocabularies import VOCABULARIES, load_vocabularies
from city_indicators.warehouse.database import engine, statement


def sync(url: URL, catalogue: Catalogue | None = None) -> None:
    """Bring the schema catalog in line with the declared catalogue, in one transaction.

    Places, indicators and sources that are removed from the files stay in the tables, because observations
    refer to them; a removed city no longer appears in reports.
    """
    declared = catalogue or load_catalogue()
    with engine(url).begin() as connection:
        _upsert(
            connection,
            "unit",
            [{"unit_measure": u.id, **translated(u.name)} for u in declared.units.values()],
        )
        connection.execute(statement("catalog/clear_geo_bases"))
        connection.execute(statement("catalog/insert_geo_basis"), _geo_bases(declared))
        _upsert(connection, "indicator", _indicators(declared))
        _upsert(connection, "source", _sources(declared))
        connection.execute(statement("catalog/clear_expectations"))
        connection.execute(statement("catalog/insert_expectation"), _expectations(declared))
        _upsert(connection, "ref_area", _ref_areas(declared))
        _upsert(connection, "country", [c.model_dump() for c in declared.countries.values()])
        _upsert(connection, "city", [c.model_dump() for c in declared.cities.values()])
        connection.execute(statement("catalog/delete_departed"), {"cities": list(declared.cities)})
        _upsert(
            connection,
            "city_group",
            [{"city_group": g.id, **translated(g.name)} for g in declared.groups.values()],
        )
        connection.execute(statement("catalog/clear_group_members"))
        _upsert(connection, "city_group_member", _members(declared))
        connection.execute(statement("catalog/clear_best_practice_terms"))
        connection.execute(statement("catalog/insert_best_practice_term"), _best_practice_terms())
        document = Reference.of(declared).model_dump_json()
        connection.execute(statement("catalog/insert_reference"), {"document": document})


def _upsert(connection: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    connection.execute(statement(f"catalog/upsert_{table}"), rows)


def _geo_bases(catalogue: Catalogue) -> list[dict[str, Any]]:
    return [
        {
            "geo_basis": basis.id,
            "preference": preference,
            "city_level": basis.city_level,
            **translated(basis.name),
        }
        for preference, basis in enumerate(catalogue.geo_bases.values(), 1)
    ]


def _indicators(catalogue: Catalogue) -> list[dict[str, Any]]:
    return [
        {
            "indicator": indicator.id,
            **translated(indicator.name),
            **translated(indicator.definition, "definition_"),
            "unit_measure": indicator.unit,
            "direction": indicator.direction,
            "pillar": indicator.pillar,
            "freq": indicator.freq,
            "range_min": indicator.range[0],
            "range_max": indicator.range[1],
        }
        for indicator in catalogue.indicators.values()
    ]


def _sources(catalogue: Catalogue) -> list[dict[str, Any]]:
    columns = {"name", "publisher", "base_url", "licence", "licence_url", "attribution", "precedence"}
    return [{"source": s.id, **s.model_dump(include=columns)} for s in catalogue.sources.values()]


def _expectations(catalogue: Catalogue) -> list[dict[str, Any]]:
    return [
        {
            "source": source.id,
            "indicator": indicator,
            "requested_within_days": requested_within_days(
                source.schedule, watched=source.revision is not None
            ),
            "changed_within_days": source.expected.changed_within_days,
            "lag_days": latest.lag_days,
            "last_period": None if latest.last_period is None else str(latest.last_period),
        }
        for source in catalogue.sources.values()
        if source.expected
        for indicator in dict.fromkeys(series.indicator for series in source.series)
        for latest in [source.expected.of(indicator)]
    ]


def _ref_areas(catalogue: Catalogue) -> list[dict[str, Any]]:
    places = [("country", place) for place in catalogue.countries.values()]
    places += [("city", place) for place in catalogue.cities.values()]  # type: ignore[misc]
    columns = {"ref_area", "name_en", "name_ru", "name_zh"}
    return [{"kind": kind, **place.model_dump(include=columns)} for kind, place in places]


def _members(catalogue: Catalogue) -> list[dict[str, Any]]:
    return [
        {
            "city_group": group.id,
            "country": member.country,
            "valid_from": date(member.since, 1, 1),
            "valid_to": date(member.until, 12, 31) if member.until else None,
        }
        for group in catalogue.groups.values()
        for member in group.members
    ]


def _best_practice_terms() -> list[dict[str, Any]]:
    vocabularies = load_vocabularies()
    return [
        {"vocabulary": vocabulary, "term": term.id, "position": position, **translated(term.name)}
        for vocabulary in VOCABULARIES
        for position, term in enumerate(getattr(vocabularies, vocabulary), 1)
    ]
