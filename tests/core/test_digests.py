"""Digests of files."""

from pathlib import Path

import pytest

from city_indicators.core import digests


def digest(folder: Path, **contents: str) -> str:
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return digests.of_files((folder / name for name in contents), folder)


def test_contents_and_paths_count_and_the_order_and_the_folder_do_not(tmp_path: Path) -> None:
    known = digest(tmp_path / "one", a="1", b="23")
    assert digest(tmp_path / "two", b="23", a="1") == known
    moved, renamed, swapped = {"a": "12", "b": "3"}, {"a": "1", "c": "23"}, {"a": "23", "b": "1"}
    for number, other in enumerate((moved, renamed, swapped)):
        assert digest(tmp_path / str(number), **other) != known


def test_the_project_is_its_code_and_its_declarations(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code, declared = tmp_path / "library", tmp_path / "include"
    monkeypatch.setattr(digests, "PROJECT", tmp_path)
    monkeypatch.setattr(digests, "LIBRARY", code)
    monkeypatch.setattr(digests, "INCLUDE", declared)
    made = digests.of_project.__wrapped__
    digest(code, **{"module.py": "1", "__pycache__/module.pyc": "compiled"})
    digest(declared, **{"sql/query.sql": "select 1"})
    known = made()
    digest(code, **{"__pycache__/module.pyc": "compiled again"})
    assert made() == known
    digest(declared, **{"sql/query.sql": "select 2"})
    assert made() != known
