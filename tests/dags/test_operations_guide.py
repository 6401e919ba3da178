"""docs/operations.md tells of every DAG what the DAG itself says."""

import re
from typing import Any

import pytest
from airflow.sdk import AssetOrTimeSchedule

from tests import compose
from tests.conftest import PROJECT, SETTINGS
from tests.dag_bag import dag_bag

GUIDE = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
ALL_SOURCES = "ingest_<source>"
HEAD = ["DAG", "schedule", "timezone", "owner", "makes", "reads", "on failure"]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def table() -> dict[str, dict[str, str]]:
    """The rows of the table of DAGs by DAG."""
    lines = iter(GUIDE.splitlines())
    head = next(cells(line) for line in lines if line.startswith("| DAG |"))
    assert head == HEAD
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append(dict(zip(head, cells(line), strict=True)))
    return {row["DAG"].strip("`"): row for row in rows}


def told_of(dag_id: str) -> str:
    return ALL_SOURCES if dag_id in {source.dag_id for source in SETTINGS.sources()} else dag_id


def schedule(dag: Any) -> str:
    """When the DAG runs: its cron expression, or the kind of its timetable."""
    timetable = dag.timetable
    if isinstance(timetable, AssetOrTimeSchedule):
        return f"after …, and `{timetable.timetable.expression}`"
    if hasattr(timetable, "expression"):
        return f"`{timetable.expression}`"
    return {"NullTimetable": "by hand", "ContinuousTimetable": "always one run"}[type(timetable).__name__]


def test_the_table_has_every_dag_and_no_other(metadata: None) -> None:
    assert set(table()) == {told_of(dag_id) for dag_id in dag_bag().dags}


@pytest.mark.usefixtures("metadata")
def test_schedule_timezone_and_owner_are_those_of_the_dag() -> None:
    rows = table()
    for dag_id, dag in dag_bag().dags.items():
        row = rows[told_of(dag_id)]
        assert re.sub("after [a-z]+", "after …", row["schedule"]) == schedule(dag), dag_id
        assert row["timezone"] == str(dag.timezone), dag_id
        inner = getattr(dag.timetable, "timetable", dag.timetable)
        assert row["timezone"] == str(getattr(inner, "timezone", "UTC")), dag_id
        assert {task.owner for task in dag.tasks} == {row["owner"]}, dag_id


def test_every_row_says_all() -> None:
    for dag_id, row in table().items():
        assert all(row.values()), dag_id


def test_there_are_ten_incidents_and_each_says_what_is_seen_and_what_to_do() -> None:
    incidents = re.split(r"^### ", GUIDE, flags=re.MULTILINE)[1:]
    assert [incident.split(".")[0] for incident in incidents] == [str(n) for n in range(1, 11)]
    for incident in incidents:
        assert "**Seen**" in incident
        assert "**Do**" in incident


def anchors(text: str) -> set[str]:
    """The addresses of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_somewhere() -> None:
    for file, anchor in re.findall(r"\]\(([\w./]*)#?([\w-]*)\)", GUIDE):
        target = PROJECT / "docs" / file if file else PROJECT / "docs" / "operations.md"
        assert target.is_file(), file
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), (file, anchor)


def test_every_secret_of_the_server_is_told_of_and_how_to_change_it() -> None:
    secrets = {*re.findall(r"\$\{(\w+):\?", compose.text()), "AIRFLOW_CONN_BUCKET"}
    deployment = (PROJECT / "docs" / "deployment.md").read_text(encoding="utf-8")
    for text, heading in ((GUIDE, "Rotating a secret"), (deployment, "Secrets")):
        section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
        told = {
            name for line in section.splitlines() if line[:1] == "|" for name in re.findall(r"`(\w+)`", line)
        }
        assert secrets - told == set(), heading


def test_every_reason_of_a_lateness_is_in_the_guide() -> None:
    from city_indicators.orchestration.freshness_alerts import NEXT_STEPS

    assert [reason for reason in NEXT_STEPS if f"`{reason}`" not in GUIDE] == []
