"""Declarations in table.yaml: inheritance, names, editions, and errors for mistakes."""

from pathlib import Path

import pytest

from city_indicators.core.errors import CatalogueError
from city_indicators.warehouse.report_tables import digest, load_report_tables, report_tables
from tests.report_declarations import edited_reports


def test_a_table_overrides_the_shared_declaration_of_a_column() -> None:
    rating = report_tables()["rating"]
    assert rating.columns["ref_area"].meaning == "Id of the city."
    assert rating.columns["ref_area"].label == "Place code"
    assert rating.columns["score"].unit == "points"
    assert report_tables()["trend"].columns["ref_area"].meaning.startswith("Place: ")


def test_names_have_one_column_per_language() -> None:
    columns = report_tables()["rating_pillar"].columns
    assert [name for name in columns if name.startswith("pillar")] == [
        *("pillar", "pillar_name_en", "pillar_name_ru", "pillar_name_zh")
    ]
    assert columns["pillar_name_zh"].meaning == "Name of the pillar in Chinese."
    assert columns["pillar_name_zh"].label == columns["pillar_name_en"].label


def test_an_edition_has_the_columns_it_names() -> None:
    twin, rating = report_tables()["edition_rating"], report_tables()["rating"]
    assert rating.editions is not None
    assert list(twin.columns) == ["edition", *(c for c in rating.columns if c in rating.editions.columns)]
    assert {"report_refresh_id", "score"} - set(twin.columns) == {"report_refresh_id"}
    assert twin.key == ("rating", "edition", "ref_area")
    assert twin.grain == "rating × edition × city"
    assert (twin.rows, rating.rows) == ("frozen", "computed")


@pytest.mark.parametrize(
    ("file", "before", "after", "fault"),
    [
        ("columns.yaml", "dag_id: {type: text", "dag_id: {type: tex", r"columns\.yaml: dag_id\.type: Input"),
        (
            "columns.yaml",
            "rank: {type: integer",
            "rank: {unit: place",
            r"columns\.rank: has no type.*Next step",
        ),
        ("rank_pairs/table.yaml", "{type: boolean, meaning:", "{meaning:", r"columns\.tied: has no type"),
        ("rank_pairs/table.yaml", "meaning: Id of the other city.", "", r"other_ref_area: has no meaning"),
        (
            "rank_pairs/table.yaml",
            "    label: Statistically",
            "    x: Statistically",
            r"columns\.tied\.x: Extra",
        ),
        (
            "rank_pairs/table.yaml",
            "label: Statistically tied",
            "label: ''",
            r"columns\.tied\.label: .*at least 1 character",
        ),
        ("rank_pairs/table.yaml", "{type: boolean", "{type: bool", r"columns\.tied\.type: Input should be"),
        (
            "rank_pairs/table.yaml",
            "key: [rating,",
            "key: [ratings,",
            r"key: names ratings, which is not a column",
        ),
        ("rank_pairs/table.yaml", "key: [", "x: [", r"rank_pairs\.x: Extra inputs"),
        (
            "drawn_ranks/table.yaml",
            "Id of the city.",
            "Id of it., nullable: true",
            r"ref_area: is part of the key",
        ),
        ("rating/table.yaml", "kind: table", "kind: view", r"a view has no rows of its own"),
        ("rating_pillar/table.yaml", "contribution]", "contrib]", r"editions\.columns: names contrib, which"),
        (
            "rating_uncertainty/table.yaml",
            "  score: {",
            "  score: {label: Points, ",
            r"columns\.score: has another label in another table. Next step: label it in columns\.yaml",
        ),
    ],
)
def test_a_mistake_names_file_and_key(tmp_path: Path, file: str, before: str, after: str, fault: str) -> None:
    with pytest.raises(CatalogueError, match=fault):
        load_report_tables(edited_reports(tmp_path, file, before, after))


def test_a_table_without_a_key_is_refused(tmp_path: Path) -> None:
    folder = edited_reports(
        tmp_path, "city_profile/table.yaml", "key: [ref_area, indicator]", "rows: computed"
    )
    with pytest.raises(CatalogueError, match=r"city_profile/table\.yaml: city_profile: .*a table has a key"):
        load_report_tables(folder)


def test_the_digest_covers_everything_computed_tables_depend_on(tmp_path: Path) -> None:
    copy = edited_reports(tmp_path, "rating_source/table.yaml", "rating × year", "year × rating")
    assert digest(copy) == digest(), "the database computes views"
    edited_reports(tmp_path, "rating/table.yaml", "Id of the city.", "Id.")
    changed = digest(copy)
    (copy / "rating" / "inputs.sql").write_text("select 1", encoding="utf-8")
    made = digest(copy)
    assert len({digest(), changed, made}) == 3
    (copy / "rating" / "lineage.sql").write_text("select 1", encoding="utf-8")
    assert digest(copy) == made, "a lineage computes nothing"
