"""A page that was made once is answered from memory until the data change, and only to who is signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import Response
from sqlalchemy import Engine, create_engine, event, text

from city_indicators.delivery.web.kept import KeptAnswers
from standalone.postgres import Server
from tests.warehouse.site import Site, opened

CHART = "/chart/ranks.json?rating=climate_first&period=2019"
PICTURE = "/chart/ranks.svg?rating=climate_first&period=2019"
CHANGE = "update ops.load set published_at = published_at + interval '1 second'"


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Iterator[Site]:
    with opened(server, tmp_path) as made:
        yield made


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that the warehouse gets during the block."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/ratings", "/city/moscow", CHART, PICTURE])
def test_the_second_reader_costs_one_statement(site: Site, path: str) -> None:
    with statements() as first:
        made = site.get(path)
    with statements() as second:
        again = site.get(path)
    assert len(first) > 1
    assert len(second) == 1
    assert "ops.report_refresh" in second[0]
    assert (made.status_code, made.content, made.headers) == (200, again.content, again.headers)


def test_changed_data_are_shown_at_once(site: Site) -> None:
    with statements() as first:
        site.page("/ratings")
    with create_engine(site.url).begin() as connection:
        connection.execute(text(CHANGE))
    with statements() as second:
        site.page("/ratings")
    assert len(second) == len(first)


def test_each_address_language_and_cookie_free_login_has_its_own_answer(site: Site) -> None:
    english = site.page("/ratings")
    assert site.page("/ratings?language=ru") != english
    assert 'lang="zh"' in site.get("/ratings", **{"Accept-Language": "zh"}).text
    assert site.page("/ratings") == english
    assert site.get("/ratings", Authorization="").status_code == 401


@pytest.mark.parametrize("path", ["/city/atlantis", "/ratings?language=fr"])
def test_a_refusal_is_not_kept(site: Site, path: str) -> None:
    first, second = site.get(path), site.get(path)
    assert first.status_code == second.status_code >= 400
    assert first.headers["cache-control"] == second.headers["cache-control"] == "no-store"


def body(answer: Response | None) -> bytes | None:
    return bytes(answer.body) if answer else None


def test_the_answer_that_was_used_least_recently_makes_room() -> None:
    kept = KeptAnswers(most=10)
    kept.keep("a", [], b"12345")
    kept.keep("b", [], b"12345")
    assert body(kept.find("a")) == b"12345"
    kept.keep("c", [], b"123")
    assert [body(kept.find(key)) for key in "abc"] == [b"12345", None, b"123"]


def test_an_answer_larger_than_the_room_is_not_kept() -> None:
    kept = KeptAnswers(most=10)
    kept.keep("a", [], b"12345")
    kept.keep("b", [], b"12345678901")
    assert [body(kept.find(key)) for key in "ab"] == [b"12345", None]
