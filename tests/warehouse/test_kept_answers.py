"""A page that was made once is answered from memory until the data change, and only to who is signed in."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from httpx import ASGITransport, AsyncClient
from sqlalchemy import Engine, create_engine, event, text
from starlette.requests import Request
from starlette.types import Message

from city_indicators.delivery.web.beforehand import prepare
from city_indicators.delivery.web.kept import AT_ONCE, AnswerFound, Keeping, KeptAnswers, found
from city_indicators.delivery.web.render import environment
from standalone.postgres import Server
from tests.warehouse.pages import USER, pages
from tests.warehouse.site import Site, opened

SIGNED_IN = [(name.lower().encode(), value.encode()) for name, value in USER.items()]
CHART = "/chart/ranks.json?rating=climate_first&period=2019"
PICTURE = "/chart/ranks.svg?rating=climate_first&period=2019"
CHANGE = "update ops.load set published_at = published_at + interval '1 second'"
LIVE = ("/overview", "/loads", "/quality")
FAILURE = """
    insert into ops.task_failure
    select dag_id, run_id, 'publish', current_timestamp, 'GateRefusedError' from ops.load where load_id = 1
"""


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


def from_memory(site: Site, path: str) -> bool:
    with statements() as found:
        site.page(path)
    return len(found) == 1


@pytest.mark.parametrize("path", LIVE)
def test_what_runs_or_waits_is_answered_from_memory_until_anything_changes(site: Site, path: str) -> None:
    """Other databases of the server change the state, too, so that one of some tries counts."""
    with statements() as first:
        again = site.get(path)
    assert any(from_memory(site, path) for _ in range(9))
    assert any(
        site.get(path, **{"If-None-Match": site.get(path).headers["etag"]}).status_code == 304
        for _ in range(9)
    )
    with create_engine(site.url).begin() as connection:
        connection.execute(text(FAILURE))
    with statements() as changed:
        answer = site.get(path)
    assert len(changed) == len(first)
    if path == "/overview":
        assert "1 task failed within seven days" not in again.text
        assert "1 task failed within seven days" in answer.text


async def together(app: FastAPI, path: str, readers: int) -> list[tuple[int, bytes]]:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://ui", headers=USER) as client:
        answers = await asyncio.gather(*(client.get(path) for _ in range(readers)))
    return [(answer.status_code, answer.content) for answer in answers]


@pytest.mark.parametrize("path", ["/ratings", CHART, "/city/moscow"])
def test_readers_at_once_share_the_work(site: Site, path: str) -> None:
    with statements() as one:
        asyncio.run(together(pages(site.url, site.folder), path, 1))
    with statements() as ten:
        answers = asyncio.run(together(pages(site.url, site.folder), path, 10))
    assert len(ten) == len(one) + 9
    assert set(answers) == {(200, answers[0][1])}


def test_whoever_waits_for_an_answer_that_fails_makes_it() -> None:
    async def trial() -> list[int]:
        app, kept, tries = FastAPI(), KeptAnswers(), []

        @app.get("/")
        async def page(request: Request) -> str:
            if answer := await kept.find("key"):
                raise AnswerFound(answer)
            request.state.key = "key"
            tries.append(len(tries))
            await asyncio.sleep(0)
            if len(tries) == 1:
                raise HTTPException(500)
            return "made"

        app.add_exception_handler(AnswerFound, found)
        app.add_middleware(Keeping, answers=kept)
        return [status for status, _ in await together(app, "/", 5)]

    statuses = asyncio.run(trial())
    assert sorted(statuses) == [200, 200, 200, 200, 500]


def answers_of(app: FastAPI) -> KeptAnswers:
    (kept,) = (each.kwargs["answers"] for each in app.user_middleware if "answers" in each.kwargs)
    return kept  # type: ignore[no-any-return]


@pytest.mark.parametrize(("fails", "status"), [(False, 200), (True, 500)])
def test_pages_are_made_in_turns(site: Site, fails: bool, status: int) -> None:
    making: list[str] = []
    at_once: list[int] = []
    seen: set[str] = set()
    app = pages(site.url, site.folder)
    kept = answers_of(app)

    @app.get("/trial/{name}")
    async def page(name: str) -> str:
        making.append(name)
        at_once.append(len(making))
        while len(seen) < 6:
            seen.update(kept.waited_for)
            await asyncio.sleep(0)
        making.remove(name)
        if fails:
            raise HTTPException(500)
        return name

    async def trial() -> list[int]:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://ui", headers=USER) as client:
            answers = await asyncio.gather(*(client.get(f"/trial/{number}") for number in range(6)))
        return [answer.status_code for answer in answers]

    assert asyncio.run(trial()) == [status] * 6
    assert (len(at_once), max(at_once)) == (6, AT_ONCE)


def test_a_slow_reader_keeps_no_turn(site: Site) -> None:
    app = pages(site.url, site.folder)
    kept = answers_of(app)
    free: list[int] = []

    async def slow(message: Message) -> None:
        free.append(kept.turns.value)

    async def nothing() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": "/ratings", "query_string": b"", "headers": SIGNED_IN}
    asyncio.run(app(scope, nothing, slow))
    assert free == [AT_ONCE, AT_ONCE]


def test_every_request_ends_the_wait_for_its_answer(site: Site) -> None:
    """Also of routes below another router, and of answers that are refused."""
    app = pages(site.url, site.folder)
    kept = answers_of(app)
    client = TestClient(app, headers=USER)
    for path in ("/ratings", "/city/atlantis", "/ratings?language=fr", "/api/v1/ratings", "/documents/0"):
        client.get(path)
        assert kept.waited_for == frozenset(), path


def test_no_template_is_left_to_the_first_reader() -> None:
    prepare()
    for language in ("en", "ru", "zh"):
        templates = environment(language)
        compiled = {key[1] for key in templates.cache}
        assert {"coverage.html", "downloads.html", "macros.html"} <= compiled


def body(kept: KeptAnswers, key: str) -> bytes | None:
    answer = asyncio.run(kept.find(key))
    kept.made(key)
    return bytes(answer.body) if answer else None


def test_the_answer_that_was_used_least_recently_makes_room() -> None:
    kept = KeptAnswers(most=10)
    kept.keep("a", [], b"12345")
    kept.keep("b", [], b"12345")
    assert body(kept, "a") == b"12345"
    kept.keep("c", [], b"123")
    assert [body(kept, key) for key in "abc"] == [b"12345", None, b"123"]


def test_an_answer_larger_than_the_room_is_not_kept() -> None:
    kept = KeptAnswers(most=10)
    kept.keep("a", [], b"12345")
    kept.keep("b", [], b"12345678901")
    assert [body(kept, key) for key in "ab"] == [b"12345", None]
