"""Views and functions: one object per file, created in order of their dependencies."""

import re
from graphlib import CycleError
from pathlib import Path

import pytest

from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import SQL
from city_indicators.warehouse import objects
from city_indicators.warehouse.report_tables import report_tables
from tests.report_declarations import edited_reports

FILES = sorted(file for pattern in objects.FILES for file in SQL.glob(pattern))


def write(folder: Path, **views: str) -> Path:
    folder.joinpath("views", "core").mkdir(parents=True)
    for name, body in views.items():
        file = folder / "views" / "core" / f"{name}.sql"
        file.write_text(f'create view core."{name}" as\n{body};\n', encoding="utf-8")
    return folder


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SQL)))
def test_a_file_creates_the_object_of_its_name(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    schema = file.parent.name
    assert objects.MADE.findall(text) in ([f"{schema}.{file.stem}"], [f'{schema}."{file.stem}"'])


def test_a_lineage_uses_only_columns_of_the_declared_key() -> None:
    tables = report_tables()
    files = {file.parent.name: file for file in SQL.glob(objects.LINEAGE)}
    assert files.keys() - tables.keys() == {"observation"}
    for name in files.keys() & tables.keys():
        used = re.findall(r":key (?:->>|\?) '(\w+)'", files[name].read_text(encoding="utf-8"))
        assert set(used) <= set(tables[name].key), name
    made = {objects.made(text) for text in objects.read()}
    assert {f"report.lineage_of_{name}" for name in files} < made


def test_a_lineage_without_a_declared_key_is_refused(tmp_path: Path) -> None:
    folder = edited_reports(tmp_path, "rating/table.yaml", "Id of the city.", "Id.")
    (folder / "rejected_rows" / "lineage.sql").write_text("select :key", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"rejected_rows/lineage\.sql: .* declared with a key"):
        objects.read(tmp_path)


def test_each_object_is_created_after_those_it_uses(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        a='select * from core."c"',
        b="select 1 as x",
        c='select x, (select count(*) from core."d") from core."b" -- not core."a"',
        d="select * from core.elsewhere",
    )
    order = [objects.made(text) for text in objects.read(folder)]
    assert sorted(order) == ["core.a", "core.b", "core.c", "core.d"]
    assert order.index("core.c") < order.index("core.a")
    assert order.index("core.c") > max(order.index("core.b"), order.index("core.d"))


def test_a_report_view_is_the_query_next_to_its_declaration() -> None:
    by_name = {objects.made(text): text for text in objects.read()}
    order = list(by_name)
    assert order.index("report.freshness") < order.index("report.rating_source")
    for name, table in report_tables().items():
        query = table.file.with_name("view.sql")
        assert query.is_file() == (table.kind == "view"), name
        if query.is_file():
            assert by_name[f"report.{name}"].endswith(query.read_text(encoding="utf-8"))


def test_objects_that_need_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CycleError, match=r"core\.a"):
        objects.read(write(tmp_path, a='select * from core."b"', b='select * from core."a"'))


def test_a_digest_changes_with_any_text_and_only_then() -> None:
    texts = objects.read()
    assert objects.digest(texts) == objects.digest(objects.read())
    assert objects.digest([*texts[:-1], texts[-1] + " "]) != objects.digest(texts)
    assert objects.digest(["a", "b"]) != objects.digest(["ab"])
