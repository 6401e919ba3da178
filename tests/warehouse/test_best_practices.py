"""Publication of files of best-practice cases."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from city_indicators.core.archive import Archive
from city_indicators.core.snapshots import Answer
from city_indicators.intake.best_practices.publish import Published, publish
from city_indicators.intake.best_practices.read import read
from city_indicators.intake.best_practices.vocabulary import load_code_lists
from city_indicators.warehouse.ledger import Run
from demo.paths import SAMPLE

Query = Callable[[str], list[tuple[object, ...]]]
Send = Callable[..., Published]

CODE_LISTS = load_code_lists()
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HEADER = "case_id,city,country,name_en,cycle,links"
GREEN = "moscow-green-ring,Moscow,RUS,A green ring around the old town,6,https://example.org/ring"
VERSIONS = "select case_id, version, name_en, ref_area from core.best_practice_version order by 1, 2"


@pytest.fixture
def send(warehouse: Engine, tmp_path) -> Send:
    def sent(*rows: str, run: str = "run", content: bytes | None = None) -> Published:
        body = content or "\n".join([HEADER, *rows]).encode()
        answer = Answer("file:///inbox/cases/c.csv", body, "text/csv", None, None)
        snapshot = Archive(tmp_path).store("best_practice_cases", answer, NOON)
        reading = read(body, "c.csv", CODE_LISTS, date(2026, 1, 1))
        likeness = CODE_LISTS.vocabularies.title_likeness
        with warehouse.begin() as connection:
            run_of = Run("receive_best_practices", run)
            return publish(connection, snapshot, run_of, reading, likeness, lambda: NOON)

    return sent


def counts(published: Published) -> tuple[int, int, int, int, list[tuple[int, str]]]:
    refused = [(refusal.row, refusal.rule) for refusal in published.refused]
    return published.read, published.added, published.revised, published.unchanged, refused


def test_only_new_and_changed_cases_become_versions(send: Send, query: Query) -> None:
    changed = GREEN.replace("ring around", "belt around")
    assert counts(send(GREEN, run="1")) == (1, 1, 0, 0, [])
    assert counts(send(GREEN, run="2")) == (1, 0, 0, 1, [])
    assert counts(send(changed, run="3")) == (1, 0, 1, 0, [])
    assert query(VERSIONS) == [
        ("moscow-green-ring", 1, "A green ring around the old town", "moscow"),
        ("moscow-green-ring", 2, "A green belt around the old town", "moscow"),
    ]
    assert query("select name_en, version from core.best_practice_current") == [
        ("A green belt around the old town", 2)
    ]


def test_keeps_a_case_that_is_not_in_the_file(send: Send, query: Query) -> None:
    send(GREEN, run="1")
    send("oslo-x,Oslo,NOR,Ferries without smoke,,https://example.org/f", run="2")
    assert query("select case_id, ref_area from core.best_practice_current order by 1") == [
        ("moscow-green-ring", "moscow"),
        ("oslo-x", None),
    ]


def test_refuses_a_stored_case_under_another_id(send: Send, query: Query) -> None:
    send(GREEN, run="1")
    again = "mow-ring,Москва,RUS,Green ring around the Old Town,6,https://example.org/other"
    published = send(again, run="2")
    assert counts(published) == (1, 0, 0, 0, [(2, "probable_duplicate")])
    assert "like that of case moscow-green-ring of the same city" in published.refused[0].reason
    assert query("select row_number, case_id, rule from quality.rejected_best_practice") == [
        (2, "mow-ring", "probable_duplicate")
    ]
    assert len(query(VERSIONS)) == 1


def test_refuses_an_id_of_another_city(send: Send, query: Query) -> None:
    send(GREEN, run="1")
    published = send(GREEN.replace("Moscow,RUS", "Kazan,RUS"), run="2")
    assert counts(published) == (1, 0, 0, 0, [(2, "id_of_another_city")])
    assert len(query(VERSIONS)) == 1


def test_a_retried_task_publishes_nothing_again(send: Send, query: Query) -> None:
    wrong = GREEN.replace("moscow-green-ring", "Bad Id")
    first = send(GREEN, wrong)
    assert send(GREEN, wrong) == first
    assert counts(first) == (2, 1, 0, 0, [(3, "slug")])
    assert query("select read_rows, accepted_rows, rejected_rows from ops.best_practice_load") == [(2, 1, 1)]


def test_publishes_the_sample_and_traces_a_case_to_its_file(send: Send, query: Query) -> None:
    content = (SAMPLE / "best_practices.csv").read_bytes()
    assert counts(send(content=content, run="1")) == (52, 52, 0, 0, [])
    assert counts(send(content=content, run="2")) == (52, 0, 0, 52, [])
    winners = "select count(*) from core.best_practice_current where stage = 'winner'"
    assert query(winners) == [(29,)]
    assert query("select ref_area from core.best_practice_current where ref_area like 'c%' order by 1") == [
        ("cape-town",),
        ("chongqing",),
    ]
    trace = """
        select snapshot.byte_count, load.url from core.best_practice_current
        inner join ops.best_practice_load as load using (best_practice_load_id)
        inner join archive.snapshot as snapshot using (sha256)
        where case_id = 'guangzhou-award-2023-kazan'
    """
    assert query(trace) == [(len(content), "file:///inbox/cases/c.csv")]


def test_versions_are_append_only_and_rows_add_up(send: Send, warehouse: Engine, query: Query) -> None:
    send(GREEN)
    for statement in (
        "update core.best_practice_version set note = 'x'",
        "delete from core.best_practice_version",
        "truncate core.best_practice_version",
    ):
        with pytest.raises(DatabaseError, match="append-only"), warehouse.begin() as c:
            c.execute(text(statement))
    with pytest.raises(IntegrityError, match="every_row_read"), warehouse.begin() as c:
        c.execute(text("update ops.best_practice_load set read_rows = 2"))


def test_a_researcher_reads_cases_but_not_refused_rows(warehouse_url: URL) -> None:
    engine = create_engine(warehouse_url.set(username="researcher"))
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from core.best_practice_current")).scalar_one() == 0
        with pytest.raises(DatabaseError, match="permission denied"):
            connection.execute(text("select * from quality.rejected_best_practice"))
