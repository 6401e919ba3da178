"""The paths of the project's own files."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
INCLUDE = PROJECT / "include"
CATALOG = INCLUDE / "catalog"
CORRECTIONS = INCLUDE / "corrections"
EXPECTATIONS = INCLUDE / "expectations"
LOCALE = INCLUDE / "locale"
SQL = INCLUDE / "sql"


def source_file(source: str, root: Path = CATALOG) -> Path:
    """The file that declares a source, by its id."""
    return root / "sources" / f"{source}.yaml"
