"""Licence, notice, citation, and what other platforms run: each says what the project itself says."""

import csv
import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from city_indicators.core.paths import PROJECT
from demo.paths import SAMPLE
from tests.deployment import release

WORKFLOW = ".github/workflows/test.yml"
PIPELINE = ".gitlab-ci.yml"


def parsed(name: str) -> Any:
    return yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))


def declared() -> dict[str, Any]:
    return tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def lines_of(name: str) -> list[str]:
    """The lines of shell that a pipeline runs."""
    if name == WORKFLOW:
        steps = [step for job in parsed(name)["jobs"].values() for step in job["steps"]]
        return [step["run"] for step in steps if "run" in step]
    return [line for job in parsed(name).values() if isinstance(job, dict) for line in job["script"]]


def test_notice_names_each_licence_of_the_sample() -> None:
    with (SAMPLE / "citations.csv").open(encoding="utf-8", newline="") as file:
        licences = {row["licence"] for row in csv.DictReader(file)}
    listed = re.findall(r"^    (\S.*?)  +\S", (PROJECT / "NOTICE").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(licences) == sorted(listed)


def test_the_version_and_licence_stand_alike() -> None:
    citation = parsed("CITATION.cff")
    assert (citation["version"], citation["license"]) == (declared()["version"], declared()["license"])
    assert "Copyright 2026 City Indicators contributors" in (PROJECT / "LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [WORKFLOW, PIPELINE])
def test_pipelines_run_the_tests_on_every_python_that_the_project_supports(name: str) -> None:
    jobs = parsed(name)["jobs"] if name == WORKFLOW else parsed(name)
    job = jobs["test"]
    matrix = (
        job["strategy"]["matrix"]["python"] if name == WORKFLOW else job["parallel"]["matrix"][0]["PYTHON"]
    )
    lowest, beyond = re.findall(r"3\.(\d+)", declared()["requires-python"])
    assert matrix == [f"3.{minor}" for minor in range(int(lowest), int(beyond))]
    assert "make test" in lines_of(name)


@pytest.mark.parametrize("name", [WORKFLOW, PIPELINE, ".pre-commit-config.yaml"])
def test_pipelines_call_targets_that_exist(name: str) -> None:
    lines = [parsed(name)["repos"][0]["hooks"][0]["entry"]] if name.startswith(".pre") else lines_of(name)
    targets = [line.split()[1:] for line in lines if line.startswith("make ")]
    assert targets
    for target in targets:
        command = ["make", "--dry-run", "--directory", str(PROJECT), *target]
        assert subprocess.run(command, capture_output=True, text=True, check=False).returncode == 0, target


def test_both_platforms_have_the_same_templates() -> None:
    for template in sorted((PROJECT / ".github" / "ISSUE_TEMPLATE").glob("*.md")):
        body = template.read_text(encoding="utf-8").split("---\n", 2)[2].lstrip("\n")
        assert (PROJECT / ".gitlab" / "issue_templates" / template.name).read_text(encoding="utf-8") == body
    requests = (".github/pull_request_template.md", ".gitlab/merge_request_templates/default.md")
    first, second = (Path(PROJECT, name).read_text(encoding="utf-8") for name in requests)
    assert first == second


def test_a_container_for_development_installs_what_the_tests_use() -> None:
    container = json.loads((PROJECT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    installed = re.findall(r"--no-install-recommends ([\w. -]+?) &&", container["postCreateCommand"])
    script = (PROJECT / ".ci" / "run").read_text(encoding="utf-8")
    assert installed == re.findall(r"--no-install-recommends ([\w. -]+?) >", script)


@pytest.mark.parametrize(
    ("heading", "cited", "fault"),
    [
        ("1.2.0 - 2027-01-31", "1.2.0", None),
        ("Unreleased", "1.2.0", "begins with 'Unreleased'"),
        ("1.1.0 - 2026-12-31", "1.2.0", "begins with version 1.1.0, pyproject.toml names 1.2.0"),
        ("1.2.0 - 2027-01-31", "1.1.0", "CITATION.cff names version 1.1.0"),
    ],
)
def test_a_release_has_one_version(tmp_path: Path, heading: str, cited: str, fault: str | None) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n', encoding="utf-8")
    (tmp_path / "CITATION.cff").write_text(f"version: {cited}\n", encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text(
        f"# Changes\n\n## {heading}\n\n## 1.0.0 - 2026-12-01\n", encoding="utf-8"
    )
    found = list(release.faults(tmp_path))
    assert len(found) == bool(fault)
    assert not fault or fault in found[0]
