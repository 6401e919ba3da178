"""Bulk loading by COPY stores exactly the given rows."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from sqlalchemy import Engine, text

from city_indicators.warehouse import bulk
from city_indicators.warehouse.binary import microseconds
from city_indicators.warehouse.bulk import BINARY, CSV, CopyFormat, copy, read
from city_indicators.warehouse.staged import with_constants

TABLE = """
create temporary table given (
    place text not null, number integer, load_id bigint, obs_value double precision, withdrawn boolean,
    known_from timestamptz
)
"""
TYPES = [("place", pa.string()), ("number", pa.int32()), ("load_id", pa.int64()), ("obs_value", pa.float64())]
ROWS = pa.table(
    [
        ["Москва", "北京", "", 'a,"b"\n\t\\N'],
        [1, -1, 2**31 - 1, -(2**31)],
        [0, 2**63 - 1, -(2**63), 5_000_000_000],
        [0.1, -1e300, 5e-324, float("inf")],
    ],
    pa.schema(TYPES),
)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 1, 12, 30, 15, 123_456, tzinfo=UTC),
        datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_stores_binary_rows_unchanged(warehouse: Engine, moment: datetime) -> None:
    constants = {"withdrawn": pa.scalar(value=True), "known_from": microseconds(moment)}
    # Parts with an offset in memory, one of them without rows.
    parts = [with_constants(ROWS.slice(*cut), constants) for cut in ((0, 3), (3, 0), (3, 1))]
    with warehouse.connect() as connection:
        connection.execute(text(TABLE))
        copy(connection, "given", parts, BINARY)
        found = connection.execute(text("select * from given order by ctid")).fetchall()
    assert found == [(*row.values(), True, moment) for row in ROWS.to_pylist()]


@pytest.mark.parametrize("form", [CSV, BINARY])
def test_loads_no_rows_if_none_are_given(form: CopyFormat, warehouse: Engine) -> None:
    with warehouse.connect() as connection:
        connection.execute(text(TABLE))
        copy(connection, "given", [], form)
        copy(connection, "given", [ROWS.slice(0, 0)], form)
        assert connection.execute(text("select count(*) from given")).scalar_one() == 0


@pytest.mark.parametrize("column", ["place", "obs_value"])
def test_refuses_a_row_without_a_value(column: str, warehouse: Engine) -> None:
    lacking = ROWS.to_pylist()
    lacking[1][column] = None
    with warehouse.connect() as connection:
        connection.execute(text(TABLE))
        with pytest.raises(ValueError, match=f"has no {column}"):
            copy(connection, "given", [pa.Table.from_pylist(lacking, ROWS.schema)], BINARY)


def test_rows_are_read_as_they_are_stored(warehouse: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that is empty or looks like no value is no missing one; parameters are values and not SQL."""
    query = text(
        "select obs_value, place, known, known > 3 as late "
        "from unnest(cast(:places as text[]), cast(:values as float8[])) "
        "with ordinality as given (place, obs_value, known) where :word = 'a%s''b' order by known;"
    )
    monkeypatch.setattr(bulk, "statement", lambda _name: query)
    places = ["Москва", "", None, 'a,"b"\n\t\\N', "NULL", "'; drop table x"]
    numbers = [0.1, None, -1e300, 5e-324, float("inf"), 1 / 3]
    dictionary = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema(
        [("place", dictionary), ("known", pa.int64()), ("obs_value", pa.float64()), ("late", pa.bool_())]
    )
    with warehouse.connect() as connection:
        found = read(connection, "any", schema, places=places, values=numbers, word="a%s'b")
        many = read(connection, "any", schema, places=places * 50_000, values=numbers * 50_000, word="a%s'b")
        none = read(connection, "any", schema, places=[], values=[], word="")
    assert found.schema.equals(schema)
    assert found.to_pydict() == {
        "place": places,
        "known": [*range(1, 7)],
        "obs_value": numbers,
        "late": [False] * 3 + [True] * 3,
    }
    # More than one block of the reader, with a dictionary each.
    assert many["place"].to_pylist() == places * 50_000
    assert none.to_pydict() == {"place": [], "known": [], "obs_value": [], "late": []}
