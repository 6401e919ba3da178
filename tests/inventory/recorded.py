"""Reads answers recorded from the real services with our parsers."""

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from city_indicators.catalog import Catalogue, Source
from city_indicators.catalog.source import Series
from city_indicators.core.errors import CityIndicatorsError
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.core.snapshots import Snapshot
from city_indicators.ingest.parse import Parsed, parse_records
from city_indicators.sources.connectors import connector_of

NOT_OURS = "NOT_OURS"


@dataclass(frozen=True)
class Exchange:
    """One recorded answer, and the address that it answers."""

    source: Source
    file: str
    url: str
    content: bytes

    def archived(self) -> Iterator[tuple[Snapshot, bytes]]:
        """The answer as the archive returns it."""
        sha256 = hashlib.sha256(self.content).hexdigest()
        yield (
            Snapshot(self.source.id, self.url, sha256, len(self.content), "", datetime.now(UTC)),
            self.content,
        )


def exchanges(folder: Path, catalogue: Catalogue) -> Iterator[Exchange]:
    """The recorded answers of a folder with one subfolder per service, in a fixed order."""
    yield from _world_bank(folder / "worldbank", catalogue.sources["world_bank"])
    yield from _nasa_power(folder / "nasa_power", catalogue.sources["nasa_power"])
    yield from _open_meteo(folder / "open_meteo", catalogue)


def read(exchange: Exchange, catalogue: Catalogue) -> Parsed | CityIndicatorsError:
    """The account of an answer, or the error it ends in; series that are not ours are out of scope."""
    source = exchange.source
    try:
        records = list(connector_of(source).read(source, exchange.archived(), EVERY_YEAR))
    except CityIndicatorsError as error:
        return error
    ours = [record for record in records if record.series.indicator != NOT_OURS]
    known = source.model_copy(update={"series": [s for s in source.series if s.indicator != NOT_OURS]})
    parsed = parse_records(ours, known, catalogue)
    return Parsed(
        parsed.accepted,
        parsed.rejected,
        parsed.empty_cells,
        parsed.out_of_scope + len(records) - len(ours),
        parsed.unmatched,
    )


def _world_bank(folder: Path, source: Source) -> Iterator[Exchange]:
    with (folder / "INDEX.tsv").open(encoding="utf-8", newline="") as stream:
        index = list(csv.DictReader(stream, delimiter="\t"))
    for row in index:
        steps = unquote(urlsplit(row["url"]).path).split("/")
        codes = steps[steps.index("indicators") + 1].split(";") if "countries" in steps[:-2] else []
        content = (folder / row["file"]).read_bytes()
        # Without its number, a page is read by itself: nobody recorded the pages after it.
        url = re.sub(r"&page=\d+", "", row["url"])
        yield Exchange(_with_series(source, codes), row["file"], url, content)


def _with_series(source: Source, codes: list[str]) -> Source:
    """The source with these series added."""
    ours = {series.code for series in source.series}
    others = [
        Series(code=code, indicator=NOT_OURS, unit=NOT_OURS, geo_basis="country")
        for code in codes
        if code not in ours
    ]
    return source.model_copy(update={"series": [*source.series, *others]})


def _nasa_power(folder: Path, source: Source) -> Iterator[Exchange]:
    for file in sorted(folder.glob("*.json")):
        for interaction in json.loads(file.read_text(encoding="utf-8"))["http_interactions"]:
            body = interaction["response"]["body"]["string"].encode()
            yield Exchange(source, file.name, interaction["request"]["uri"], body)


def _open_meteo(folder: Path, catalogue: Catalogue) -> Iterator[Exchange]:
    """The addresses were not recorded; they are built from the points in the answers."""
    for file in sorted(folder.glob("*.json")):
        content = file.read_bytes()
        answer = json.loads(content)
        source = catalogue.sources["open_meteo_air" if "hourly" in answer else "open_meteo_archive"]
        if "daily" in answer:
            kind = "climate" if file.name.startswith("climate") else "archive"
            source = catalogue.sources[f"open_meteo_{kind}"]
        point = f"?latitude={answer.get('latitude', 0)}&longitude={answer.get('longitude', 0)}"
        yield Exchange(source, file.name, f"{source.base_url}{source.path}{point}", content)
