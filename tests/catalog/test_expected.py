"""The declared last period of each edition is the last year of its published files."""

from collections import defaultdict
from pathlib import Path

import pytest

from city_indicators.catalog import Catalogue
from city_indicators.ingest.parse import parse_files
from tests.inventory.inventory import FILES, TOGETHER

EDITIONS = {source_id: [[file] for file in files] for source_id, files in FILES.items()} | {
    source_id: [files] for source_id, files in TOGETHER.items()
}


@pytest.mark.parametrize("source_id", sorted(EDITIONS))
def test_an_edition_ends_with_the_last_year_of_its_files(
    catalogue: Catalogue, shared: Path, source_id: str
) -> None:
    expected = catalogue.sources[source_id].expected
    assert expected is not None
    if expected.last_period is None:
        return
    last: dict[str, int] = defaultdict(int)
    for files in EDITIONS[source_id]:
        read = parse_files(source_id, [shared / "data" / file for file in files], catalogue).accepted
        for indicator, period in read.groupby("indicator")["time_period"].max().items():
            last[str(indicator)] = max(last[str(indicator)], int(period))
    assert {indicator: expected.of(indicator).last_period for indicator in last} == last
