"""What is installed is what was looked at: every package of every requirement is pinned."""

import re
from importlib.metadata import distribution

import pytest

from city_indicators.paths import PROJECT

PINNED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[\w,-]+\])?==(?P<version>[\w.+!-]+)(\s*;.*)?")


def requirements(name: str) -> list[str]:
    lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-cluster.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned(name: str) -> None:
    lines = requirements(name)
    assert len(lines) > 100
    assert [line for line in lines if not PINNED.fullmatch(line)] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-cluster.txt"])
def test_what_is_tested_is_what_is_run(name: str) -> None:
    # Those of other systems stand with a condition.
    run = {line for line in requirements(name) if ";" not in line}
    assert run - set(requirements("requirements-dev.txt")) == set()
    pins = [found for line in run if (found := PINNED.fullmatch(line))]
    differing = [pin[0] for pin in pins if distribution(pin["name"]).version != pin["version"]]
    assert differing == []


@pytest.mark.parametrize("package", ["boto3", "celery", "s3fs"])
def test_the_demo_goes_without_what_several_workers_need(package: str) -> None:
    demo, cluster = (
        {found["name"] for line in requirements(name) if (found := PINNED.fullmatch(line))}
        for name in ("requirements.txt", "requirements-cluster.txt")
    )
    assert package in cluster - demo
