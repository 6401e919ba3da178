"""The mutants of `make mutation`: what is changed in SQL and Python, and what is not."""

import re
from pathlib import Path

import pytest

from tests.mutation import mutants, selection, sql_mutants
from tests.mutation.mutants import Mutant, mutants_of, original
from tests.mutation.report import Result, report
from tests.mutation.selection import Selection


def changes(sql: str) -> set[str]:
    """The mutants of a statement of one line, without doubled spaces."""
    return {re.sub(r"\s+", " ", mutant).strip() for mutant in sql_mutants.mutated(sql)}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select a from b where c <= d", {"a from b where c < d", "a from b where true"}),
        ("select a + 1", {"a - 1", "a + 2"}),
        (
            "select a from b where c and not d",
            {
                "a from b where c or not d",
                "a from b where true and not d",
                "a from b where c and true",
                "a from b where c and d",
            },
        ),
        ("select min(a) from b order by c", {"max(a) from b order by c", "min(a) from b order by c desc"}),
        (
            "select a from b order by c desc nulls last",
            {"a from b order by c asc nulls last", "a from b order by c desc nulls first"},
        ),
        ("select distinct a from b", {"a from b"}),
        ("select a is not null", {"a is null"}),
        ("select a is distinct from b", {"a is not distinct from b"}),
        ("select a from b left join c using (d)", {"a from b inner join c using (d)"}),
        ("select coalesce(a, true)", {"coalesce(a, false)"}),
        ("select 'a'", {"'XXa'"}),
        (
            "select a from b join c on b.d = c.d",
            {"a from b join c on b.d <> c.d", "a from b join c on true"},
        ),
        ("select exists (select from b)", {"not exists (select from b)"}),
        ("select a from b where c between :d and :e", {"a from b where true"}),
        (
            "select a from b where exists (select from c where d) or e",
            {
                "a from b where not exists (select from c where d) or e",
                "a from b where exists (select from c where true) or e",
                "a from b where exists (select from c where d) and e",
                "a from b where exists (select from c where d) or false",
                "a from b where true or e",
            },
        ),
    ],
)
def test_one_operator_condition_or_literal_is_changed(sql: str, expected: set[str]) -> None:
    assert changes(sql) == {f"select {each}" for each in expected}


@pytest.mark.parametrize(
    "sql",
    [
        "-- Counts what is <= 1.\nselect a",
        "create temporary table a (b text not null) on commit drop",
        "create or replace view a as select b",
        "update a set b = c",
        "insert into a (b) values (:b) on conflict (b) do nothing",
        "drop view if exists a",
        "grant select on a to b",
        "select a from b group by c",
        "select distinct on (a) b from c",
        "select a from b union all select c",
        "begin raise exception 'no such table: %', a; end",
    ],
)
def test_syntax_comments_and_texts_of_errors_are_not_changed(sql: str) -> None:
    assert changes(sql) == set()


def test_a_mutant_differs_from_the_original() -> None:
    file = "include/sql/publish/close_load.sql"
    assert original(file) not in {mutant.content for mutant in mutants_of(file)}


def test_the_condition_of_every_refused_projection_is_dropped() -> None:
    """The mutants that nobody noticed once are among those that are made."""
    made = {(mutant.file, *mutant.change) for file in INPUTS for mutant in mutants_of(file)}
    assert {
        (INPUTS[0], "and known.obs_status <> 'F'", "and true"),
        (
            INPUTS[1],
            "and known.heard_at <= fetched.heard_at",
            "and known.heard_at < fetched.heard_at",
        ),
    } <= made


INPUTS = ("include/sql/reports/rating/inputs.sql", "include/sql/publish/classify.sql")


def test_python_is_changed_but_not_the_text_of_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mutmut")
    tmp_path.joinpath("a.py").write_text(
        "def f(a):\n    if a <= 1:\n        raise ValueError('too small')\n    return a + 1\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(mutants, "PROJECT", tmp_path)
    assert [(mutant.line, mutant.change[1]) for mutant in mutants_of("a.py")] == [
        (2, "if a < 1:"),
        (2, "if a <= 2:"),
        (4, "return a + 2"),
        (4, "return a - 1"),
    ]


def test_the_parts_of_zip_are_changed_but_not_strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mutmut")
    tmp_path.joinpath("a.py").write_text(
        "def f(a, b):\n    return zip(a, b, strict=True)\n", encoding="utf-8"
    )
    monkeypatch.setattr(mutants, "PROJECT", tmp_path)
    assert {mutant.change[1] for mutant in mutants_of("a.py")} == {
        f"return zip({parts}, strict=True)" for parts in ("None, b", "a, None", "a", "b")
    }


def test_the_tests_of_a_statement_are_those_that_run_it_or_use_its_view() -> None:
    def of(statements: list[str], objects: list[str], seconds: float) -> dict[str, object]:
        return {"seconds": seconds, "passed": True, "lines": {}, "statements": statements, "objects": objects}

    first = mutants.original(INPUTS[0]).partition("\n")[0]
    tests = {
        "tests/a.py::slow": of([first], [], 2),
        "tests/a.py::fast": of([first], [], 1),
        "tests/a.py::other": of(["-- Another."], ["core.observation_version"], 1),
        "tests/a.py::view": of([], ["report.city_profile", "core.origin"], 1),
    }
    chosen = Selection({"tests/a.py": {"tests": tests}})
    assert chosen.of(mutants_of(INPUTS[0])[0]) == ["tests/a.py::fast", "tests/a.py::slow"]
    # report.lineage reads core.origin; who reads only a table of it does not run the view.
    (view, *_) = mutants_of("include/sql/views/core/origin.sql")
    assert chosen.of(view) == ["tests/a.py::view"]


def test_survivors_count_against_the_score_unless_they_are_declared_equivalent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = [{"before": "<=", "after": "<", "reason": "a moment never repeats"}]
    monkeypatch.setattr("tests.mutation.report._declared", lambda: declared)
    file = "include/sql/publish/classify.sql"
    found = mutants_of(file)
    boundary = next(
        mutant for mutant in found if mutant.change[1].endswith("known.heard_at < fetched.heard_at")
    )
    other = [mutant for mutant in found if mutant.line < 60][:3]
    results = [Result(boundary, "survived", ""), *(Result(each, "killed", "") for each in other[:2])]
    assert report(results, "all", write=False) == 0
    assert "| `include/sql/publish` | 3 | 1 | 2 | 0 | 100.0 % |" in capsys.readouterr().out
    assert report([*results, Result(other[2], "survived", "")], "all", write=False) == 1
    printed = capsys.readouterr().out
    assert f"survived: {file}:{other[2].line}" in printed
    assert "| all | 4 | 1 | 2 | 1 | 66.7 % |" in printed


def test_a_mutant_is_known_by_its_content() -> None:
    one, again, other = (Mutant("a.sql", 1, content) for content in ("select 1", "select 1", "select 2"))
    assert one.key == again.key != other.key


def test_users_of_a_function_are_found_through_others() -> None:
    """Names of functions that are composed at run time are known."""
    users = selection._users()
    assert "report.lineage" in users["report.trend_observations"]
