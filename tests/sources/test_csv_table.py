"""CSV column by column: the same rows, line numbers and faults as line by line."""

from collections.abc import Iterator
from itertools import chain
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city_indicators.catalog.source import Layout
from city_indicators.core.errors import SourceContractError
from city_indicators.sources import csv_table
from city_indicators.sources.csv_table import CsvTable
from city_indicators.sources.rows import Row
from tests.publishers import as_snapshot

PLAIN = (b"a", b"", b" b ", b'"x,y"', b'"q""q"', b'""', b'""""', b"\xc3\xa9", b"7")
ODD = (b'"a"b', b'a"b', b' "a"', b'"a\nb"', b'"', b"a\rb", b"\0")
LINE = st.lists(st.sampled_from(PLAIN), min_size=2, max_size=2)
ODD_LINE = st.lists(st.sampled_from((*PLAIN, *ODD)), max_size=3)
FILE = st.tuples(st.lists(LINE, max_size=6), st.lists(ODD_LINE, max_size=1), st.lists(LINE, max_size=4)).map(
    lambda parts: [*chain.from_iterable(parts)]
)

Found = tuple[list[tuple[str, list[str]]], str | None]


def of_content(content: bytes, **layout: object) -> CsvTable:
    snapshot, _ = as_snapshot(content)
    return CsvTable(Layout.model_validate({"kind": "csv", **layout}), snapshot, content)


def by_column(table: CsvTable) -> Found:
    """Pointer and cells of each row, block by block and then line by line, and the fault that ends them."""
    found: list[tuple[str, list[str]]] = []
    rest = table()
    for block in table.blocks():
        every = np.arange(block.cells.num_rows)
        columns = [block.texts(title, every) for title in table.titles]
        found += zip(block.pointers(every), map(list, zip(*columns, strict=True)), strict=True)
        rest = table.after(block)
    rows, fault = by_line(table, rest)
    return found + rows, fault


def by_line(table: CsvTable, rows: Iterator[Row]) -> Found:
    """The same from an iteration over rows."""
    found: list[tuple[str, list[str]]] = []
    try:
        found.extend((row.pointer, [row.text(title) for title in table.titles]) for row in rows)
    except SourceContractError as error:
        # Where bytes are no text, the error counts from the start of a part of the file.
        return found, str(error).partition("the bytes are not")[0]
    return found, None


@settings(max_examples=300, deadline=None)
@given(
    lines=FILE,
    end=st.sampled_from((b"\n", b"\n", b"\r\n")),
    last=st.sampled_from((b"", b"\n", b"\n\n")),
    mark=st.sampled_from((b"", b"\xef\xbb\xbf")),
    size=st.sampled_from((6, 20, 1000)),
)
def test_columns_have_the_rows_and_faults_of_lines(
    lines: list[list[bytes]], end: bytes, last: bytes, mark: bytes, size: int
) -> None:
    table = of_content(mark + end.join([b"one,other", *map(b",".join, lines)]) + last)
    with mock.patch.object(csv_table, "BLOCK_BYTES", size):
        assert by_column(table) == by_line(table, table())


def test_bytes_that_are_no_text_end_columns_and_lines_alike() -> None:
    table = of_content(b"one,other\n" + 20_000 * b"1,2\n" + b"3,\xff\n")
    with mock.patch.object(csv_table, "BLOCK_BYTES", 30_000):
        rows, fault = by_column(table)
    # Line by line, a part of the file is decoded before its first row is given.
    before, same = by_line(table, table())
    assert len(rows) >= len(before) > 10_000
    assert rows[: len(before)] == before
    assert fault == same == "source publisher: https://publisher.example/answer: "


@pytest.mark.parametrize(
    ("rows", "read"),
    [
        (b"1,2\n3,4\n", 2),
        (b'"1","2, two"\r\n"3","four ""4"""\r\n', 2),
        (b'1,"2\n2"\n3,4\n', 0),
        (b'1,2 "two"\n3,4\n', 0),
        (b"1,2\n\n3,4\n", 0),
        (b"1,2,3\n3,4\n", 0),
    ],
)
def test_columns_end_at_the_first_line_that_is_not_plain(rows: bytes, read: int) -> None:
    table = of_content(b"one,other\n" + rows)
    assert sum(block.cells.num_rows for block in table.blocks()) == read


@pytest.mark.parametrize("layout", [{"encoding": "windows-1252"}, {"footnotes_from": "Notes"}])
def test_other_encodings_and_footnotes_are_read_line_by_line(layout: dict[str, str]) -> None:
    table = of_content(b"one,other\n1,2\n", **layout)
    assert not list(table.blocks())
    assert by_line(table, table()) == ([("line 2", ["1", "2"])], None)
