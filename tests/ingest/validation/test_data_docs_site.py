"""Data Docs are replaced atomically, on disk and in a bucket."""

from pathlib import Path

import pytest

from city_indicators.ingest.validation.data_docs_site import Site


@pytest.fixture
def root(storage: str) -> Path:
    from airflow.sdk import ObjectStoragePath

    return ObjectStoragePath(storage) / "data_docs"


@pytest.fixture
def site(root: Path) -> Site:
    return Site(root)


def pages(folder: Path, **contents: str) -> Path:
    for name, content in contents.items():
        page = folder / name / "page.html"
        page.parent.mkdir(parents=True)
        page.write_text(content, encoding="utf-8")
    return folder


def test_before_the_first_build_there_is_no_page(site: Site) -> None:
    assert site.read("index.html") is None
    assert site.pages() == frozenset()


def test_a_page_is_read_by_its_path(site: Site, tmp_path: Path) -> None:
    site.put(pages(tmp_path / "made", rows="Строки", gate="闸门"))
    assert site.read("rows/page.html") == "Строки".encode()
    assert site.read("gate/page.html") == "闸门".encode()
    assert site.read("gate") is None
    assert site.read("gate/page") is None
    assert site.pages() == {"rows/page.html", "gate/page.html"}


def test_a_new_site_replaces_all_pages_of_the_old_one(site: Site, root: Path, tmp_path: Path) -> None:
    site.put(pages(tmp_path / "first", kept="1", gone="1"))
    site.put(pages(tmp_path / "second", kept="2"))
    assert site.read("kept/page.html") == b"2"
    assert site.pages() == {"kept/page.html"}
    assert [file.name for file in root.iterdir()] == ["site.zip"]


def test_the_old_site_is_read_until_the_new_one_is_complete(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk import ObjectStoragePath

    class KilledError(Exception):
        pass

    def half(path: ObjectStoragePath, content: bytes) -> None:
        with path.open("wb") as stream:
            stream.write(content[: len(content) // 2])
        raise KilledError

    site.put(pages(tmp_path / "first", kept="1"))
    with monkeypatch.context() as patched:
        patched.setattr(ObjectStoragePath, "write_bytes", half)
        with pytest.raises(KilledError):
            site.put(pages(tmp_path / "second", kept="2"))
    assert site.read("kept/page.html") == b"1"
    site.put(pages(tmp_path / "third", kept="3"))
    assert site.read("kept/page.html") == b"3"
