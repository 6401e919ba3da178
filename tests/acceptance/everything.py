"""All comparisons with published indices, for the tests and for the table in docs/explanation/ratings.md."""

from collections.abc import Iterator
from pathlib import Path

from tests.acceptance.adjusted import Adjusted
from tests.acceptance.asem import Asem
from tests.acceptance.formulas import Formulas
from tests.acceptance.published import Bolivia, HumanDevelopment
from tests.acceptance.runs import Comparison


def comparisons(shared: Path, work: Path) -> Iterator[Comparison]:
    """Compute the comparisons one by one; `work` is an empty folder for files."""
    published = shared / "acceptance"
    asem = Asem(published / "coinr_asem", work / "asem")
    yield from asem.comparisons()
    yield from Formulas(asem).comparisons()
    yield from Bolivia(published / "bolivia_municipal_sdg_2020", work).comparisons()
    yield from HumanDevelopment(published / "undp_hdr_2022", work).comparisons()
    yield from Adjusted(published / "undp_hdr_2022", work).comparisons()
