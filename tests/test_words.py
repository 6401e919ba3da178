"""The project uses the field's words: the private ones that they replaced do not come back."""

import re
from collections.abc import Iterator

import pytest

from city_indicators.core.paths import PROJECT

REPLACED = {
    r"told(_and_kept)?|tells?|telling|untold": "reports, shows, documents, names",
    r"ask(s|ed|ing)?": "request, query, require",
    r"judg(e|es|ed|ing|ement|ements)": "validate, ValidationResult; assess",
    r"tidy|tidied|tidies": "normalise",
    r"wholes?|check_whole": "complete, entire, total",
    r"lateness|is late|was late": "freshness, overdue",
    r"(what )?may pass|retry_what_may_pass": "transient",
    r"rehears(e|es|al)": "dry run",
    r"pieces?": "batch, chunk, segment, part",
    r"survey(s|ed)?": "collect, inspect",
    r"stand-?ins?": "mock server",
    r"blank": "empty",
    r"remark(s|ed)?": "warning",
    r"figures?": "observation, value, data",
    r"plain_\w+": "wide_*",
    r"leagues?": "size class",
    r"sharers?": "shared values",
    r"closing": "revoke public",
    r"in vain": "timed out",
    r"says? of|is said of": "documents, shows",
    r"turn is further off": "scheduled later",
}
WORD = re.compile("|".join(rf"(?<![A-Za-z])(?:{word})(?![A-Za-z])" for word in REPLACED), re.IGNORECASE)
"""Underscores separate words: the words must not be parts of names either."""

FOLDERS = (
    "benchmarks",
    "dags",
    "demo",
    "deploy",
    "docker",
    "docs",
    "include",
    "plugins",
    "standalone",
    "tests",
)
RECORDS = (
    *("CHANGELOG.md", "docs/decisions/", "include/sql/schema/", "tests/test_words.py"),
    *("requirements", "include/locale/", "demo/data/", "tests/warehouse/before_baseline"),
)
"""Records of what was before, translations, data of others, and this list."""

QUOTED = {
    "docs/how-to/use-the-api.md": "Blank Query",
    "include/catalog/sources/undata_population.yaml": "Sample surveys",
    "plugins/city_indicators/analytics/ratings/method.py": "leagues",
    "plugins/city_indicators/ingest/validation/suite.py": "add_batch_definition_whole_dataframe",
    "plugins/city_indicators/intake/submissions/form.py": "allow_blank",
    "plugins/city_indicators/delivery/web/templates/macros.html": "</?figure",
    "plugins/city_indicators/delivery/documents/document.css": "figure",
    "plugins/city_indicators/delivery/documents/document.typ": "figure",
    "plugins/city_indicators/delivery/documents/html.py": "</?figure",
    "plugins/city_indicators/delivery/site/templates/interactive.html": "</?figure",
    "plugins/city_indicators/sources/http.py": "content.tell()",
    "demo/sample/best_practices.py": "closing_fy",
    "LICENSE": ".+",
    "pyproject.toml": "flake8-tidy-imports",
    "tests/ingest/validation/test_same_as_stock.py": "add_batch_definition_whole_dataframe",
    "tests/warehouse/test_upgrade.py": '"ops.lateness"|"quality.remark"|plain_r|"plain_"',
}
"""What others named, and names from before the baseline, by file."""


def files() -> list[str]:
    """The project's own files, relative to it."""
    listed = [
        file
        for folder in FOLDERS
        for file in (PROJECT / folder).rglob("*")
        if "__pycache__" not in file.parts
    ]
    top = [file for file in PROJECT.iterdir() if file.name[0] != "."]
    names = (file.relative_to(PROJECT).as_posix() for file in [*listed, *top] if file.is_file())
    return sorted(name for name in names if not name.startswith(RECORDS))


def words_in(name: str) -> Iterator[str]:
    """The private words of a file, each with its line."""
    content = (PROJECT / name).read_bytes()
    if b"\0" in content:
        return
    quoted = re.compile(QUOTED[name]) if name in QUOTED else None
    for number, line in enumerate(content.decode("utf-8").splitlines(), start=1):
        for found in WORD.finditer(quoted.sub("", line) if quoted else line):
            yield f"{name}:{number}: {found[0]}"


def test_no_private_word_is_left() -> None:
    names = files()
    assert len(names) > 400
    assert [found for name in names for found in words_in(name)] == []


@pytest.mark.parametrize(
    "line",
    ["the figure is late, it was told", "def fault_told(", "held_figures", "a Judgement", "plain_climate"],
)
def test_the_words_are_found_in_prose_and_in_names(line: str) -> None:
    assert WORD.search(line)


@pytest.mark.parametrize(
    "line", ["configure", "task", "masked", "the latest", "wholesale", "explains", "translate"]
)
def test_other_words_are_not(line: str) -> None:
    assert not WORD.search(line)
