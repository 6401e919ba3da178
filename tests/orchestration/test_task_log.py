"""What a data engineer reads first in the log of a task."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.orchestration import notify, task_log
from city_indicators.warehouse.publish import Outcome
from tests.orchestration.test_publish_gate import LOAD

AT = datetime(2026, 1, 2, tzinfo=UTC)


def lines(captured: list[Any]) -> list[str]:
    """The events with their values, as the UI shows them."""
    return [" ".join([line.pop("event"), *(f"{k}={v}" for k, v in line.items())]) for line in captured]


def test_a_fetch_names_what_it_requests_and_three_of_its_snapshots() -> None:
    answers = [Snapshot("x", f"http://x/{n}", f"{n}" * 64, 100 * n, "text/csv", AT) for n in range(1, 6)]
    with capture_logs() as captured:
        task_log.requested("x", Interval(date(2020, 1, 1), date(2021, 1, 1)), "http://x")
        task_log.fetched(answers, "r1")
    assert lines(captured) == [
        "Requests source=x interval=2020-01-01 to 2021-01-01 address=http://x log_level=info",
        "Archived answers=5 bytes=1500 revision=r1 log_level=info",
        *(
            f"Snapshot sha256={str(n) * 64} bytes={100 * n} url=http://x/{n} log_level=info"
            for n in (1, 2, 3)
        ),
        "More snapshots are in archive.fetch_event count=2 log_level=info",
    ]


def test_a_validation_counts_by_rule_shows_three_examples_and_leads_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load = replace(LOAD, examples=("a", "b", "c", "d"))
    monkeypatch.setattr(notify, "load_of", {7: load}.__getitem__)
    monkeypatch.setattr(notify, "ui_url", lambda: "http://ui")
    with capture_logs() as captured:
        task_log.validated(7)
    levels = [line["log_level"] for line in captured]
    first, rule, *examples, refused, _, warned, following = lines(captured)
    assert "load_id=7 source=un_wup" in first
    assert "read=50 accepted=48 rejected=2 empty_cells=4 out_of_scope=9" in first
    assert rule == "Rejected rule=no_repeat rows=2 log_level=info"
    assert [line.split("=")[1][0] for line in examples] == ["a", "b", "c"]
    assert (refused.split(" log")[0], warned.split(" log")[0]) == (
        "The gate refuses the load reason=10 are gone",
        "The gate warns reason=fewer places",
    )
    assert "page=http://ui/city-indicators/loads/7" in following
    assert levels == ["info"] * 5 + ["warning"] * 3 + ["info"]


def test_a_publication_says_what_it_changed_in_the_log_and_in_a_line() -> None:
    outcome = Outcome(added=1, revised=2, withdrawn=3, unchanged=4, outdated=5)
    with capture_logs() as captured:
        task_log.published(7, outcome)
    (said,) = lines(captured)
    assert said.startswith("Published load_id=7 added=1 revised=2 withdrawn=3 unchanged=4 outdated=5")
    assert task_log.in_a_line(LOAD, outcome.to_json()) == (
        "Published load 7: 50 rows read, 48 accepted, 2 rejected; "
        "1 added, 2 revised, 3 withdrawn, 4 unchanged, 5 outdated"
    )
