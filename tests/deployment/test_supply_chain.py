"""What is installed and deployed: hashes of packages, digests of images, the bill of materials, the audit."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from city_indicators.core.paths import PROJECT
from tests.compose import VARIABLE
from tests.deployment import audit
from tests.deployment.test_requirements import PINNED, requirements

COMPILED = ("requirements.txt", "requirements-cluster.txt", "requirements-dev.txt")
BY_DIGEST = re.compile(r"(?P<tag>[a-z/]+:[\w.-]+)@sha256:[0-9a-f]{64}")
SKIPPED = {
    "name": "zipp",
    "skip_reason": "Dependency not found on PyPI and could not be audited: zipp (4.1.2)",
}
SAFE = {"name": "anyio", "version": "4.16.0", "vulns": []}
VULNERABLE = {
    "name": "jinja2",
    "version": "3.1.5",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.6"], "aliases": [], "description": ""}],
}


@pytest.mark.parametrize("name", COMPILED)
def test_every_package_has_hashes_and_no_file_names_a_registry(name: str) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z])", text)
    assert len(entries) > 100
    assert [entry for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}(\s|$)", entry)] == []
    assert not re.search(r"https?:|--(extra-)?index-url|--find-links", text)


def test_both_installers_demand_the_hashes(dockerfile: str) -> None:
    assert re.search(r"pip install .*--require-hashes .*--requirement", dockerfile)
    install = subprocess.run(
        ["make", "--dry-run", "install", "REQUIREMENTS=requirements.txt"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.search(r"pip install .*--require-hashes .*--requirements requirements\.txt", install.stdout)


def test_a_package_with_another_hash_is_refused(tmp_path: Path) -> None:
    text = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
    (entry,) = (each for each in re.split(r"\n(?=[A-Za-z])", text) if each.startswith("babel=="))
    wheel = tmp_path / f"babel-{entry.split()[0].partition('==')[2]}-py3-none-any.whl"
    wheel.write_bytes(b"something else")
    (tmp_path / "requirements.txt").write_text(entry, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-index",
        "--find-links",
        str(tmp_path),
    ]
    target = ["--target", str(tmp_path / "made"), "--require-hashes", "--requirement", "requirements.txt"]
    done = subprocess.run(
        [*command, *target],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PIP_FIND_LINKS": ""},
    )
    assert done.returncode != 0
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr


def test_images_are_named_by_tag_and_digest(
    compose_text: str, dockerfile: str, script: Callable[[str], ModuleType]
) -> None:
    defaults = {found["name"]: found["rest"].removeprefix(":-") for found in VARIABLE.finditer(compose_text)}
    images = {name: value for name, value in defaults.items() if name.endswith("_IMAGE")}
    assert set(images) == {
        *("BASE_IMAGE", "POSTGRES_IMAGE", "REDIS_IMAGE"),
        *("PROMETHEUS_IMAGE", "ALERTMANAGER_IMAGE", "GRAFANA_IMAGE"),
    }
    tags = {name: found["tag"] for name, image in images.items() if (found := BY_DIGEST.fullmatch(image))}
    assert tags == {
        "BASE_IMAGE": "python:3.12-slim",
        "POSTGRES_IMAGE": "postgres:18",
        "REDIS_IMAGE": "redis:8",
        "PROMETHEUS_IMAGE": "prom/prometheus:v3.5.0",
        "ALERTMANAGER_IMAGE": "prom/alertmanager:v0.28.1",
        "GRAFANA_IMAGE": "grafana/grafana:12.1.1",
    }
    (base,) = re.findall(r"^ARG BASE_IMAGE=(.+)$", dockerfile, re.MULTILINE)
    assert base == images["BASE_IMAGE"]
    written = script("make_env").text()
    assert {name: f"# {name}={image}" in written for name, image in images.items()} == dict.fromkeys(
        images, True
    )
    own = yaml.safe_load(compose_text)["x-airflow"]["image"]
    used = set(re.findall(r"^\s*image: (.+)$", compose_text, re.MULTILINE))
    assert used == {own, *(f"${{{name}:-{images[name]}}}" for name in images.keys() - {"BASE_IMAGE"})}


def test_the_bill_of_materials_is_valid_complete_and_the_same_every_time(tmp_path: Path) -> None:
    files = [tmp_path / "first.json", tmp_path / "second.json"]
    for file in files:
        # The packages of the tests are installed: `make` need not look.
        command = [
            "make",
            "-o",
            ".venv/.installed-dev",
            "sbom",
            f"BIN={shlex.quote(str(Path(sys.executable).parent))}",
        ]
        subprocess.run([*command, f"SBOM={file}"], cwd=PROJECT, check=True)
    first, second = (file.read_bytes() for file in files)
    assert first == second
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(first.decode()) is None
    made = json.loads(first)
    assert (made["bomFormat"], made["metadata"]["component"]["name"]) == ("CycloneDX", "city-indicators")
    listed = {(each["name"], each["version"]) for each in made["components"]}
    pins = [found for line in requirements("requirements.txt") if (found := PINNED.fullmatch(line))]
    assert listed == {(pin["name"], pin["version"]) for pin in pins}
    assert all(each["externalReferences"][0]["hashes"] for each in made["components"])


def test_an_audit_that_reaches_no_service_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
    assert audit.main("osv") == audit.NOT_AUDITED
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Not audited: the service osv could not be reached. Next step: run it on a")
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    ("dependencies", "code", "out", "err"),
    [
        ([SAFE], audit.NONE_KNOWN, "No known vulnerabilities in 1 packages, says pypi.", ""),
        ([SAFE, VULNERABLE], audit.VULNERABLE, "jinja2 3.1.5: PYSEC-1, fixed in 3.1.6", ""),
        (
            [SAFE, SKIPPED],
            audit.NOT_AUDITED,
            "",
            "Not audited: 1 of 2 packages, as zipp. The service pypi did not",
        ),
        ([VULNERABLE, SKIPPED], audit.NOT_AUDITED, "jinja2 3.1.5: PYSEC-1", "Not audited: 1 of 2 packages"),
    ],
)
def test_only_a_complete_audit_succeeds(
    dependencies: list[dict[str, object]], code: int, out: str, err: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.verdict(dependencies, "pypi") == code
    printed = capsys.readouterr()
    assert printed.out.startswith(out)
    assert bool(printed.out) == bool(out)
    assert printed.err.startswith(err)
    assert bool(printed.err) == bool(err)
