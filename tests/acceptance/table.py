"""Writes the table of greatest differences into docs/explanation/ratings.md: `make acceptance`."""

import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.acceptance.everything import comparisons
from tests.acceptance.runs import Comparison

PROJECT: Final = Path(__file__).resolve().parents[2]
DOCUMENT: Final = PROJECT / "docs" / "explanation" / "ratings.md"
BEGIN, END = "<!-- make acceptance: begin -->", "<!-- make acceptance: end -->"
HEADER: Final = ["index", "variant", "what", "observations", "reference precision", "greatest difference"]


def main(shared: Path = PROJECT.parent / "shared") -> int:
    """Compare and write the table; returns 0 if every difference is within the precision of its reference."""
    with TemporaryDirectory() as work:
        found = list(comparisons(shared, Path(work)))
    document = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{written(found)}\n{END}{after}", encoding="utf-8")
    beyond = [c for c in found if not c.difference <= c.within]
    for one in beyond:
        print(f"{one.index}, {one.variant}, {one.what}: {one.difference:g}", file=sys.stderr)
    print(f"{len(found)} comparisons, {len(beyond)} beyond the precision of the reference")
    return int(bool(beyond))


def written(found: Iterable[Comparison]) -> str:
    """The table in Markdown."""
    rows = [HEADER, ["---"] * len(HEADER), *(row(comparison) for comparison in found)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def row(comparison: Comparison) -> list[str]:
    """The cells of a comparison; the difference comes last, as its digits depend on the machine."""
    c = comparison
    return [c.index, c.variant, c.what, str(c.observations), c.precision, f"{c.difference:.1g}"]


if __name__ == "__main__":
    sys.exit(main())
