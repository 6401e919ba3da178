"""Links of the documentation resolve, every page is in the map, reference pages list what the code has."""

import inspect
import re
from pathlib import Path

import pytest
import yaml

from city_indicators.__main__ import _parser
from city_indicators.catalog import load_catalogue
from city_indicators.core import errors
from city_indicators.core.paths import PROJECT, SQL
from tests import compose, readme

DOCS = PROJECT / "docs"
ROOT = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md")
OTHERS = [PROJECT / name for name in (*ROOT, "benchmarks/README.md")]
PAGES = [*sorted(DOCS.rglob("*.md")), *OTHERS]
CURRENT = [page for page in PAGES if page.name != "CHANGELOG.md"]
"""The pages that name nothing of the past."""
FOLDERS = ("dags", "plugins", "include", "standalone", "demo", "docker", "deploy", "tests", "benchmarks")
TEXTS = {".py", ".yaml", ".sql", ".html", ".po"}
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
PATH = re.compile(r"(?<![\w/.-])docs/[\w./-]+\.(?:md|yaml|csv|json|png)\b")


def reference(page: str) -> str:
    return (DOCS / "reference" / f"{page}.md").read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """The anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", readme.prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_resolves(page: Path) -> None:
    for target, anchor in LINK.findall(readme.prose(page)):
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), f"{target}#{anchor}"


def test_every_page_is_in_the_map() -> None:
    index = DOCS / "index.md"
    linked = {(DOCS / target).resolve() for target, _ in LINK.findall(index.read_text(encoding="utf-8"))}
    pages = {page for page in DOCS.rglob("*.md") if page.parent.name != "decisions"} - {index}
    assert pages - linked == set()


def test_every_decision_is_listed() -> None:
    folder = DOCS / "decisions"
    listed = {target for target, _ in LINK.findall((folder / "README.md").read_text(encoding="utf-8"))}
    assert {record.name for record in folder.glob("0*.md")} == listed


def test_paths_of_pages_in_code_exist() -> None:
    files = [file for folder in FOLDERS for file in (PROJECT / folder).rglob("*") if file.suffix in TEXTS]
    files += [PROJECT / name for name in ("Makefile", "docker-compose.yaml")]
    named = {
        (str(file.relative_to(PROJECT)), path) for file in files for path in PATH.findall(file.read_text())
    }
    assert len(named) > 20
    assert {each for each in named if not (PROJECT / each[1]).exists()} == set()


@pytest.fixture(scope="module")
def commands() -> set[str]:
    """The subcommands of `python -m city_indicators`."""
    (choices,) = (action.choices for action in _parser(load_catalogue())._actions if action.choices)
    return set(choices)


@pytest.fixture(scope="module")
def targets() -> dict[str, str]:
    """The targets of the Makefile with their help; an empty text for those without."""
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z][a-z-]*):(?!=)(?:.*## (.*))?", makefile, re.MULTILINE))


def test_every_command_is_listed(commands: set[str]) -> None:
    assert [command for command in commands if f"\n### {command}\n" not in reference("commands")] == []


def test_every_make_target_is_listed(targets: dict[str, str]) -> None:
    listed = {*re.findall(r"`make ([a-z-]+)`", reference("commands"))}
    assert {
        target for target in targets if targets[target] and not target.startswith("bench-")
    } - listed == set()


@pytest.mark.parametrize("page", CURRENT, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_printed_command_exists(page: Path, commands: set[str], targets: dict[str, str]) -> None:
    lines = [*readme.inline(page), *(line for _, block in readme.blocks(page) for line in block.splitlines())]
    code = "\n".join(lines)
    assert set(re.findall(r"-m city_indicators ([a-z]+)", code)) <= commands
    assert set(re.findall(r"(?<![\w-])make ([a-z]+(?:-[a-z]+)*)(?![\w…-])", code)) <= set(targets)


def test_dags_are_listed() -> None:
    dags = {file.stem for file in (PROJECT / "dags").glob("*.py")} - {"ingest"}
    assert [dag for dag in dags if f"| `{dag}` |" not in reference("dags")] == []


def test_report_tables_are_listed() -> None:
    page = reference("report-tables")
    tables = [file.parent.name for file in (SQL / "reports").glob("*/table.yaml")]
    assert [table for table in tables if f"`{table}`" not in page] == []


def test_codes_are_explained() -> None:
    codes = yaml.safe_load((SQL / "reports" / "codes.yaml").read_text(encoding="utf-8"))
    text = " ".join(page.read_text(encoding="utf-8") for page in DOCS.rglob("*.md"))
    named = {column: values for column, values in codes.items() if column.islower() and column != "pillar"}
    assert {code for values in named.values() for code in values if f"`{code}`" not in text} == set()


def test_validation_rules_are_listed() -> None:
    declared = yaml.safe_load(
        (PROJECT / "include/expectations/observations.yaml").read_text(encoding="utf-8")
    )
    rules = [rule["id"] for kind in ("row_rules", "gate_rules") for rule in declared[kind]]
    assert [rule for rule in rules if f"`{rule}`" not in reference("rules")] == []


def test_ratings_are_listed() -> None:
    ratings = [file.stem for file in (PROJECT / "include/catalog/ratings").glob("*.yaml")]
    assert [rating for rating in ratings if f"| `{rating}` |" not in reference("rating-methods")] == []


def test_settings_of_compose_are_listed() -> None:
    variables = set(re.findall(r"\$\{(\w+)", compose.text()))
    assert [name for name in variables if f"`{name}`" not in reference("settings")] == []


def test_errors_are_listed() -> None:
    classes = [
        name
        for name, value in inspect.getmembers(errors, inspect.isclass)
        if issubclass(value, errors.CityIndicatorsError)
    ]
    assert [name for name in classes if f"`{name}`" not in reference("errors")] == []
