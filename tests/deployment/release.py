"""Whether this checkout can be released: one version in all files, and nothing is left uncommitted."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from city_indicators.core.paths import PROJECT

HEADING: Final = re.compile(r"^## (.+)$", re.MULTILINE)
RELEASE: Final = re.compile(r"(?P<version>\d+\.\d+\.\d+) - \d{4}-\d{2}-\d{2}")


def main() -> int:
    """Print what keeps this checkout from being a release; returns 0 if nothing does."""
    found = [*faults(PROJECT), *uncommitted(PROJECT)]
    print(*found or ["This checkout can be released."], sep="\n")
    return 1 if found else 0


def faults(project: Path) -> Iterator[str]:
    """Where the files of a checkout name another version than pyproject.toml."""
    version = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    citation = yaml.safe_load((project / "CITATION.cff").read_text(encoding="utf-8"))["version"]
    newest, *_ = HEADING.findall((project / "CHANGELOG.md").read_text(encoding="utf-8"))
    if citation != version:
        yield f"CITATION.cff names version {citation}, pyproject.toml {version}"
    released = RELEASE.fullmatch(newest)
    if not released:
        yield f"CHANGELOG.md begins with '{newest}'. Next step: make it '{version} - YYYY-MM-DD'"
    elif released["version"] != version:
        yield f"CHANGELOG.md begins with version {released['version']}, pyproject.toml names {version}"


def uncommitted(project: Path) -> Iterator[str]:
    """Files that are changed or not in the repository."""
    command = ["git", "-C", str(project), "status", "--porcelain"]
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        yield f"not committed: {line[3:]}"


if __name__ == "__main__":
    sys.exit(main())
