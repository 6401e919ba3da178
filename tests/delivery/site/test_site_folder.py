"""A folder gets what changed, and keeps what is not the site's."""

import json
import os
from pathlib import Path

import pytest

from city_indicators.core.errors import SiteError
from city_indicators.delivery.site import folder as folders
from city_indicators.delivery.site.folder import MANIFEST, Done, check, is_current

FILES = {"index.html": b"one", "en/city/moscow.html": b"two", "en/city/kazan.html": b"three"}


def write(folder: Path, files: dict[str, bytes]) -> Done:
    return folders.write(folder, files, "inputs")


def held(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.name != MANIFEST
    }


def test_the_second_time_nothing_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "site"
    assert write(folder, FILES) == Done(written=3, removed=0)
    assert held(folder) == FILES
    for file in folder.rglob("*"):
        os.utime(file, (1, 1))
    assert write(folder, FILES) == Done(written=0, removed=0)
    assert {file.stat().st_mtime for file in folder.rglob("*")} == {1}


def test_changed_and_damaged_files_are_written_and_former_ones_removed(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / "index.html").write_bytes(b"damaged")
    assert write(tmp_path, {"index.html": b"one"}) == Done(written=1, removed=2)
    assert held(tmp_path) == {"index.html": b"one"}
    assert not (tmp_path / "en").exists()
    assert check(tmp_path).files.keys() == {"index.html"}


def test_a_folder_is_current_while_inputs_and_files_are_the_same(tmp_path: Path) -> None:
    assert not is_current(tmp_path, "inputs")
    write(tmp_path, FILES)
    assert is_current(tmp_path, "inputs")
    assert not is_current(tmp_path, "others")
    (tmp_path / "index.html").write_bytes(b"damaged")
    assert not is_current(tmp_path, "inputs")
    write(tmp_path, FILES)
    (tmp_path / "en/city/moscow.html").unlink()
    assert not is_current(tmp_path, "inputs")


def test_what_others_put_or_changed_there_stays(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / "CNAME").write_bytes(b"rating.example")
    (tmp_path / "en/city/kazan.html").write_bytes(b"changed by hand")
    assert write(tmp_path, {"index.html": b"one"}).removed == 1
    assert held(tmp_path) == {
        "index.html": b"one",
        "CNAME": b"rating.example",
        "en/city/kazan.html": b"changed by hand",
    }


def test_a_list_that_leads_out_of_the_folder_removes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    write(folder, FILES)
    (tmp_path / "precious").write_bytes(b"one")
    digest = check(folder).files["index.html"]
    (folder / MANIFEST).write_text(json.dumps({"made_from": "", "files": {"../precious": digest}}))
    assert write(folder, FILES).removed == 0
    assert (tmp_path / "precious").exists()


def test_an_interrupted_first_run_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.html").mkdir(parents=True)
    blocked = tmp_path / "index.html"
    with pytest.raises(SiteError, match="has files"):
        write(tmp_path, FILES)
    (tmp_path / MANIFEST).write_bytes(b"{}")
    with pytest.raises(OSError, match=r"index\.html"):
        write(tmp_path, FILES)
    assert (tmp_path / "en/city/kazan.html").exists()
    blocked.rmdir()
    assert write(tmp_path, FILES) == Done(written=1, removed=0)


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("notes.txt", "mine", f"has files, but no {MANIFEST}"),
        (MANIFEST, "{", f"its {MANIFEST} is damaged"),
        (MANIFEST, '{"index.html": "0"}', f"its {MANIFEST} is damaged"),
    ],
)
def test_a_folder_that_no_site_wrote_is_refused(tmp_path: Path, name: str, content: str, fault: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(SiteError, match=fault + r".*Next step: name an empty folder"):
        write(tmp_path, FILES)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("mine")
    with pytest.raises(SiteError, match="it is not a folder"):
        check(tmp_path / "site")
