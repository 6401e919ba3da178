"""The data dictionary is complete, and a mistake in it is named."""

import shutil
from pathlib import Path

import pytest

from city_indicators.catalog.load import load_catalogue
from city_indicators.core.errors import CatalogueError
from city_indicators.warehouse.data_dictionary import dictionary
from city_indicators.warehouse.dictionary import DICTIONARY, load_dictionary


def test_the_dictionary_holds_every_table_and_column() -> None:
    schemas = load_dictionary()
    made = dictionary(load_catalogue(), schemas)
    for schema, entry in schemas.items():
        for name, table in entry.tables.items():
            _, section = made.split(f"\n### {schema}.{name}\n")
            section = section.split("\n### ")[0]
            assert table.comment in section
            for column, text in table.columns.items():
                assert f"| `{column}` |" in section, (name, column)
                assert text.replace("|", r"\|") in section, (name, column)
    assert "| `obs_value` | number | unit_measure | The value, in unit_measure. |" in made
    assert "Key: `rating`, `time_period`, `ref_area`, `pillar`.\n" in made


def test_the_text_of_a_column_overrides_the_common_text_of_its_name() -> None:
    versions = load_dictionary()["core"].tables["observation_version"]
    assert versions.comment == (
        "Every version of each source's observations, and when it became known; append-only. "
        "Grain: place × indicator × year × source × version."
    )
    assert versions.columns["obs_value"] == "The value, in unit_measure; null if withdrawn."
    assert versions.columns["unit_measure"] == "Unit of the value, by its id in catalog.unit."


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("byte_count: Length in bytes.", "byte_count:", r"snapshot\.columns\.byte_count: .* no text"),
        ("    grain: fetch\n", "", r"fetch_event\.grain: Field required"),
        ("    grain: fetch\n", "    grain: ''\n", r"fetch_event\.grain: .*at least 1 character"),
        ("    grain: fetch\n", "    grain: fetch\n    grian: x\n", r"fetch_event\.grian: Extra inputs"),
    ],
)
def test_a_mistake_is_named(before: str, after: str, message: str, tmp_path: Path) -> None:
    folder = shutil.copytree(DICTIONARY, tmp_path / "dictionary")
    file = folder / "archive.yaml"
    content = file.read_text(encoding="utf-8")
    assert content.count(before) == 1
    file.write_text(content.replace(before, after), encoding="utf-8")
    with pytest.raises(CatalogueError, match=rf"archive\.yaml: archive\.tables\.{message}"):
        load_dictionary(folder)
