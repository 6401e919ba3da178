"""Compiles the sample of files with their own format: complete rows, as published.

A table has the publisher's columns and cells, only for our places, preceded by `ref_area` and `citation`. The
footnotes of a file are preceded only by the citation.
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
from city_indicators.sources.rows import Row
from demo.sample.citations import Citation
from demo.sample.grid_co2 import TABLES as GRID_TABLES
from demo.sample.grid_co2 import compile_grid
from demo.sample.table import read_text_csv
from demo.sample.tables import OURS, compile_table, snapshot_of

UNDATA: Final = "undata_population"
FOOTNOTES: Final = f"{UNDATA}_footnotes"
FOOTNOTE_COLUMNS: Final = ["footnoteSeqID", "Footnote"]
WASTE: Final = "what_a_waste"
CODEBOOK: Final = f"{WASTE}_codebook"
CENTRES: Final = "ghs_ucdb"

Compiler = Callable[[Path, Citation, Catalogue], pd.DataFrame]


def compile_file(name: str, file: Path, citation: Citation, catalogue: Catalogue) -> pd.DataFrame:
    """The sample's table `name`, from the publisher's file in its citation.

    Raises:
        SourceContractError: the file breaks the format of its source.
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
    """The footnotes that the rows of the sample cite, with their own quotation marks."""
    cells = _undata(file, citation, catalogue)["Value Footnotes"]
    cited = {note for cell in cells for note in cell.split(",")}
    rows = [(citation.citation, *note) for note in footnotes(file.read_bytes()) if note[0] in cited]
    return pd.DataFrame(rows, columns=["citation", *FOOTNOTE_COLUMNS])


def footnotes(content: bytes) -> Iterator[tuple[str, str]]:
    """Number and text of every footnote in an export of UNdata; line breaks within are line feeds."""
    notes = content.partition(b"\n" + undata.FOOTNOTES)[2].decode().replace("\r\n", "\n")
    parts = re.split(r'\n"(\d+)","', notes)[1:]
    for number, text in zip(parts[::2], parts[1::2], strict=True):
        yield number, text.rstrip("\n").removesuffix('"')


def _centres(file: Path, citation: Citation, catalogue: Catalogue) -> pd.DataFrame:
    """The rows of an excerpt of a theme, which names our city first and writes NA for the publisher's "-".

    Cities of one centre have the same row.
    """
    (empty,) = catalogue.sources[CENTRES].table_layout.empty
    rows = read_text_csv(file).replace("NA", empty)
    rows.insert(1, "citation", citation.citation)
    return rows


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
    ours = []
    for row in rows:
        country = row.text(layout.country or "")
        ref_area = places.find(country, name(row)).ref_area
        if ref_area is not None:
            ours.append([ref_area, citation.citation, *row.cells.values()])
    return pd.DataFrame(ours, columns=[*OURS, *titles])


COMPILERS: Final[dict[str, Compiler]] = {
    UNDATA: _undata,
    FOOTNOTES: _footnotes,
    WASTE: _waste,
    CODEBOOK: _waste,
    CENTRES: _centres,
    **dict.fromkeys(GRID_TABLES.values(), compile_grid),
}
"""The compilers of tables that need more than a layout, by the table's name."""
