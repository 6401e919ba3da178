"""The part of the sample that stands in for files with a format of their own: whole rows, as published.

A table here has the publisher's columns and cells, for our places only, and in front `ref_area` and
`citation`. The footnotes of a file have the citation alone in front.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pandas as pd

from city_indicators.catalog import Catalogue, Source
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import table, undata, what_a_waste
from city_indicators.sources.places import Places
from city_indicators.sources.records import Record
from city_indicators.sources.table import Row
from demo.sample.citations import Citation
from demo.sample.grid_co2 import TABLES as GRID_TABLES
from demo.sample.grid_co2 import compile_grid
from demo.sample.tables import OURS, compile_table, snapshot_of

UNDATA: Final = "undata_population"
FOOTNOTES: Final = f"{UNDATA}_footnotes"
FOOTNOTE_COLUMNS: Final = ["footnoteSeqID", "Footnote"]
WASTE: Final = "what_a_waste"
CODEBOOK: Final = f"{WASTE}_codebook"

Compiler = Callable[[Path, Citation, Catalogue], pd.DataFrame]


def compile_file(name: str, file: Path, citation: Citation, catalogue: Catalogue) -> pd.DataFrame:
    """The sample's table `name`, of the publisher's file that its citation names.

    Raises:
        SourceContractError: the file is not what its source's format says.
        OSError: the file cannot be read.
    """
    if name in COMPILERS:
        return COMPILERS[name](file, citation, catalogue)
    return compile_table(catalogue.sources[name], file, citation, catalogue)


def _waste(file: Path, citation: Citation, catalogue: Catalogue) -> pd.DataFrame:
    source = catalogue.sources[WASTE]
    snapshot, content = snapshot_of(source, file)
    return _ours(source, snapshot, content, citation, catalogue, _city)


def _city(row: Row) -> str:
    return what_a_waste.repaired(str(row.cells["city_name"]))


def _undata(file: Path, citation: Citation, catalogue: Catalogue) -> pd.DataFrame:
    source = catalogue.sources[UNDATA]
    place = source.table_layout.place
    snapshot, content = snapshot_of(source, file)
    only = undata.table_only(snapshot, content)
    return _ours(source, snapshot, only, citation, catalogue, lambda row: row.text(place))


def _footnotes(file: Path, citation: Citation, catalogue: Catalogue) -> pd.DataFrame:
    """Of the footnotes those that the kept rows cite, with the quotation marks that stand in them."""
    cells = _undata(file, citation, catalogue)["Value Footnotes"]
    cited = {note for cell in cells for note in cell.split(",")}
    rows = [(citation.citation, *note) for note in footnotes(file.read_bytes()) if note[0] in cited]
    return pd.DataFrame(rows, columns=["citation", *FOOTNOTE_COLUMNS])


def footnotes(content: bytes) -> Iterator[tuple[str, str]]:
    """Number and text of every footnote beneath an export of UNdata; line ends within are line feeds."""
    notes = content.partition(b"\n" + undata.FOOTNOTES)[2].decode().replace("\r\n", "\n")
    parts = re.split(r'\n"(\d+)","', notes)[1:]
    for number, text in zip(parts[::2], parts[1::2], strict=True):
        yield number, text.rstrip("\n").removesuffix('"')


def _ours(
    source: Source,
    snapshot: Snapshot,
    content: bytes,
    citation: Citation,
    catalogue: Catalogue,
    name: Callable[[Row], str],
) -> pd.DataFrame:
    layout = source.table_layout
    titles, rows = table.rows_of(layout, snapshot, content)
    places = Places(source, catalogue)
    kept = []
    for row in rows:
        country = row.text(layout.country or "")
        ref_area = places.find(_asking(source, snapshot, row, country, name(row))).ref_area
        if ref_area is not None:
            kept.append([ref_area, citation.citation, *row.cells.values()])
    return pd.DataFrame(kept, columns=[*OURS, *titles])


def _asking(source: Source, snapshot: Snapshot, row: Row, country: str, name: str) -> Record:
    """A record of nothing, for the one question whose row it is."""
    return Record(source.series[0], name, "", None, "", snapshot, row.pointer, "", country)


COMPILERS: Final[dict[str, Compiler]] = {
    UNDATA: _undata,
    FOOTNOTES: _footnotes,
    WASTE: _waste,
    CODEBOOK: _waste,
    **dict.fromkeys(GRID_TABLES.values(), compile_grid),
}
"""How the tables of the sample are made that no layout alone can make, by the table's name."""
