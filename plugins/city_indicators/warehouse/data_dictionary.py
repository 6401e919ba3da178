"""Writes the data dictionary, build/docs/data_dictionary.md, from the declarations (`make docs`)."""

import sys
from collections.abc import Iterable, Sequence
from typing import Final

from city_indicators.catalog.load import load_catalogue
from city_indicators.catalog.models import Catalogue
from city_indicators.core.errors import exit_code
from city_indicators.core.paths import PROJECT
from city_indicators.warehouse.dictionary import Schema, Table, load_dictionary
from city_indicators.warehouse.report_tables import report_tables

FILE: Final = PROJECT / "build" / "docs" / "data_dictionary.md"

HEAD: Final = """\
# Data dictionary

Made from `include/catalog`, `include/sql/reports` and `include/sql/dictionary` by `make docs`. The texts on
tables and columns are also their comments in the database (`\\d+ report.rating` in `make psql`).
"""
FOR_RESEARCHERS: Final = ("report", "core")


def dictionary(catalogue: Catalogue, schemas: dict[str, Schema]) -> str:
    """The data dictionary as Markdown."""
    first = {name: schemas[name] for name in FOR_RESEARCHERS}
    others = {name: schema for name, schema in schemas.items() if name not in first}
    return "\n".join(
        [
            HEAD,
            "## Tables for researchers\n",
            _overview(first),
            "## Indicators\n",
            _indicators(catalogue),
            "## Sources\n",
            _sources(catalogue),
            "## Units\n",
            _units(catalogue),
            "## Columns of the tables for researchers\n",
            *_schemas(first),
            "## Tables for stewards and operators\n",
            _overview(others),
            *_schemas(others),
        ]
    )


def _overview(schemas: dict[str, Schema]) -> str:
    rows = (
        (f"[`{name}.{table}`](#{name}{table})", entry.grain, entry.holds)
        for name, schema in schemas.items()
        for table, entry in schema.tables.items()
    )
    return _table(("table", "grain", "holds"), rows)


def _schemas(schemas: dict[str, Schema]) -> Iterable[str]:
    for name, schema in schemas.items():
        for table, entry in schema.tables.items():
            yield f"### {name}.{table}\n"
            yield f"{entry.comment}\n"
            yield _report(table) if name == "report" else _columns(entry)
        for function, text in schema.functions.items():
            yield f"### {name}.{function}()\n"
            yield f"{text}\n"


def _columns(table: Table) -> str:
    return _table(("column", "holds"), ((f"`{column}`", text) for column, text in table.columns.items()))


def _report(name: str) -> str:
    table = report_tables()[name]
    key = f"Key: {', '.join(f'`{column}`' for column in table.key)}.\n\n" if table.key else ""
    rows = ((f"`{c.name}`", c.type, c.unit or "", c.meaning) for c in table.columns.values())
    return key + _table(("column", "type", "unit", "holds"), rows)


def _indicators(catalogue: Catalogue) -> str:
    rows = (
        (
            f"`{i.id}`",
            *(i.name.en, i.name.ru, i.name.zh),
            catalogue.units[i.unit].name.en,
            i.direction,
            i.pillar,
            i.definition.en,
            f"{i.range[0]:g} to {i.range[1]:g}",
        )
        for i in catalogue.indicators.values()
    )
    titles = ("id", "English", "русский", "中文", "unit", "better", "pillar", "definition", "plausible")
    return _table(titles, rows)


def _sources(catalogue: Catalogue) -> str:
    rows = (
        (
            f"`{s.id}`",
            s.publisher,
            s.licence_link,
            ", ".join(f"`{i}`" for i in dict.fromkeys(series.indicator for series in s.series)),
            s.attribution,
        )
        for s in catalogue.sources.values()
    )
    return _table(("id", "publisher", "licence", "gives", "attribution"), rows)


def _units(catalogue: Catalogue) -> str:
    rows = ((f"`{u.id}`", u.name.en, u.name.ru, u.name.zh) for u in catalogue.units.values())
    return _table(("id", "English", "русский", "中文"), rows)


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main() -> None:
    """Write build/docs/data_dictionary.md."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(dictionary(load_catalogue(), load_dictionary()), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(exit_code(main))
