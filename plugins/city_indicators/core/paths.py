"""The paths of the project's own files."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
INCLUDE = PROJECT / "include"
CATALOG = INCLUDE / "catalog"
CORRECTIONS = INCLUDE / "corrections"
EXPECTATIONS = INCLUDE / "expectations"
LOCALE = INCLUDE / "locale"
SQL = INCLUDE / "sql"


def address_of(folder: Path) -> str:
    """The address of a local folder in a setting: names stand in it as they are, a space is no %20."""
    return f"file://{folder}"


def rating_ids(root: Path = CATALOG) -> list[str]:
    """The ids of the declared ratings, by the names of their files."""
    return sorted(file.stem for file in (root / "ratings").glob("*.yaml"))


def source_ids(root: Path = CATALOG) -> list[str]:
    """The ids of the declared sources, by the names of their files."""
    return sorted(file.stem for file in (root / "sources").glob("*.yaml"))


def source_file(source: str, root: Path = CATALOG) -> Path:
    """The file that declares a source, by its id."""
    return root / "sources" / f"{source}.yaml"
