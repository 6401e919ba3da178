"""Publication of loads: versions, withdrawals, ordering, and recovery."""

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from city_indicators.core.errors import LoadError, StagedRowsError
from city_indicators.ingest.load import staged_rows
from city_indicators.warehouse.publish import Outcome, publish
from tests.warehouse.conftest import NOON, Publisher

Query = Callable[[str], list[tuple[object, ...]]]

# Twelve countries, so that one withdrawn observation is below the gate's limit of a tenth.
COUNTRIES = ("ARE", "ARG", "AUS", "BRA", "CAN", "CHN", "COL", "DEU", "EGY", "ESP", "ETH", "RUS")
MANY: dict[str, object] = {code: 1000.5 + n for n, code in enumerate(COUNTRIES)}
VERSIONS = """
select version, obs_value, withdrawn from core.observation_version where ref_area = 'RUS' order by version
"""


def test_only_what_changed_becomes_a_version(publisher: Publisher, query: Query) -> None:
    assert publisher.load(MANY) == Outcome(added=12, revised=0, withdrawn=0, unchanged=0, outdated=0)
    assert publisher.load(MANY) == Outcome(added=0, revised=0, withdrawn=0, unchanged=12, outdated=0)
    assert publisher.load({**MANY, "RUS": 7}) == Outcome(0, 1, 0, 11, 0)
    assert query(VERSIONS) == [(1, 1011.5, False), (2, 7.0, False)]


def test_a_withdrawn_observation_leaves_a_tombstone_and_may_return(
    publisher: Publisher, query: Query
) -> None:
    publisher.load(MANY)
    without = {code: value for code, value in MANY.items() if code != "RUS"}
    assert publisher.load(without) == Outcome(0, 0, 1, 11, 0)
    assert query("select count(*) from core.observation where ref_area = 'RUS'") == [(0,)]
    assert publisher.load(without) == Outcome(0, 0, 0, 11, 0)
    assert publisher.load(MANY) == Outcome(1, 0, 0, 11, 0)
    assert query(VERSIONS) == [(1, 1011.5, False), (2, None, True), (3, 1011.5, False)]


def test_a_revised_observation_is_withdrawn_once_as_it_was_last(publisher: Publisher, query: Query) -> None:
    publisher.load(MANY)
    publisher.load({**MANY, "RUS": 50000})
    without = {code: value for code, value in MANY.items() if code != "RUS"}
    assert publisher.load(without) == Outcome(added=0, revised=0, withdrawn=1, unchanged=11, outdated=0)
    assert query(VERSIONS)[1:] == [(2, 50000.0, False), (3, None, True)]


def test_other_years_are_not_withdrawn(publisher: Publisher, query: Query) -> None:
    publisher.load(MANY, year=2018)
    publisher.load(MANY, year=2019)
    assert query("select time_period, count(*) from core.observation group by 1 order by 1") == [
        ("2018", 12),
        ("2019", 12),
    ]


def test_an_older_fetch_does_not_undo_a_newer_one(publisher: Publisher, query: Query) -> None:
    newer, older = NOON + timedelta(hours=2), NOON + timedelta(hours=1)
    publisher.load({**MANY, "RUS": 7}, fetched_at=newer)
    without = {code: value for code, value in MANY.items() if code != "BRA"}
    assert publisher.load(without, fetched_at=older) == Outcome(
        added=0, revised=0, withdrawn=0, unchanged=10, outdated=1
    )
    assert query(VERSIONS) == [(1, 7.0, False)]


def test_publishing_a_load_twice_changes_nothing(publisher: Publisher, query: Query) -> None:
    load_id = publisher.validate(MANY)
    first = publisher.publish(load_id)
    assert publisher.publish(load_id) == first
    assert query("select count(*) from core.observation_version") == [(12,)]


def test_a_load_that_is_not_in_the_ledger_is_refused(publisher: Publisher) -> None:
    with pytest.raises(LoadError, match=r"not in the ledger.*Next step"):
        publisher.publish(4711)


@pytest.mark.parametrize("rows", ["doubled", "changed", "fewer"])
def test_staged_rows_that_are_not_those_validated_are_refused(
    publisher: Publisher, query: Query, rows: str
) -> None:
    load_id = publisher.validate(MANY)
    (file,) = publisher.staging.rglob("*.parquet")
    staged = pq.read_table(file)
    if rows == "doubled":
        pq.write_table(pa.concat_tables([staged, staged]), file)
    elif rows == "changed":
        values = pa.array([value * 2 for value in staged["obs_value"].to_pylist()])
        pq.write_table(staged.set_column(4, "obs_value", values), file)
    else:
        pq.write_table(staged.slice(1), file)
    with pytest.raises(
        StagedRowsError, match=r"load 1: the staged rows .* Nothing was published\. Next step"
    ):
        publisher.publish(load_id)
    assert query("select count(*) from core.observation_version") == [(0,)]


def test_an_unchanged_staged_file_is_published_although_it_was_copied(publisher: Publisher) -> None:
    load_id = publisher.validate(MANY)
    (file,) = publisher.staging.rglob("*.parquet")
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content)
    assert publisher.publish(load_id).added == len(MANY)


def test_versions_cannot_be_changed_or_deleted(publisher: Publisher, warehouse: Engine) -> None:
    publisher.load(MANY)
    for statement in (
        "update core.observation_version set obs_value = 0",
        "delete from core.observation_version",
        "truncate core.observation_version",
    ):
        with pytest.raises(DatabaseError, match="append-only"), warehouse.begin() as connection:
            connection.execute(text(statement))


def test_an_old_load_changes_nothing_that_a_later_one_confirmed(publisher: Publisher, query: Query) -> None:
    first = {**MANY, "RUS": 100}
    publisher.load(first)
    without_china = {code: value for code, value in first.items() if code != "CHN"}
    stale = publisher.validate({**without_china, "RUS": 7, "ZAF": 9})
    assert publisher.load(first).unchanged == len(first)
    before = query("select ref_area, obs_value, version from core.observation order by 1")
    outcome = publisher.publish(stale)
    # The 7 of Russia and the 9 of South Africa are outdated, and China is not withdrawn.
    assert (outcome.added, outcome.revised, outcome.withdrawn, outcome.outdated) == (0, 0, 0, 2)
    assert query("select ref_area, obs_value, version from core.observation order by 1") == before


def test_unknown_places_are_refused_and_places_with_data_stay(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    load_id = publisher.validate(MANY)
    with warehouse.begin() as connection:
        connection.execute(text("delete from catalog.city where country in ('ARG', 'AUS')"))
        connection.execute(text("delete from catalog.country where ref_area in ('ARG', 'AUS')"))
        connection.execute(text("delete from catalog.ref_area where ref_area in ('ARG', 'AUS')"))
    with pytest.raises(LoadError, match=r"ARG, AUS are not in catalog.ref_area. Next step"):
        publisher.publish(load_id)
    assert query("select count(*) from core.observation_version") == [(0,)]
    publisher.load({code: value for code, value in MANY.items() if code not in ("ARG", "AUS")})
    with warehouse.begin() as connection:
        connection.execute(text("delete from catalog.city where country = 'DEU'"))
        connection.execute(text("delete from catalog.country where ref_area = 'DEU'"))
    with pytest.raises(IntegrityError, match="observations refer to it"), warehouse.begin() as connection:
        connection.execute(text("delete from catalog.ref_area where ref_area = 'DEU'"))
    # A place without observations may go, although others have some.
    with warehouse.begin() as connection:
        connection.execute(text("insert into catalog.ref_area values ('atlantis', 'city', 'A', 'А', '亚')"))
        gone = connection.execute(text("delete from catalog.ref_area where ref_area = 'atlantis'"))
    assert gone.rowcount == 1


def test_the_ledger_requires_rows_to_be_accepted_or_rejected(publisher: Publisher, warehouse: Engine) -> None:
    publisher.load(MANY)
    with pytest.raises(IntegrityError, match="accepted_or_rejected"), warehouse.begin() as connection:
        connection.execute(text("update ops.load set read_rows = read_rows + 1"))


PUBLISH_AND_HANG = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import create_engine
from city_indicators.ingest.load import staged_rows
from city_indicators.warehouse.publish import publish
url, staging, load_id = sys.argv[1:]
with create_engine(url).begin() as connection:
    publish(connection, int(load_id), staged_rows(Path(staging)), lambda: datetime.now(UTC))
    print("written", flush=True)
    time.sleep(600)
"""


def test_a_killed_publication_leaves_nothing_and_can_be_repeated(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    load_id = publisher.validate(MANY)
    url = warehouse.url.render_as_string(hide_password=False)
    hanging = subprocess.Popen(
        [sys.executable, "-c", PUBLISH_AND_HANG, url, str(publisher.staging), str(load_id)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert hanging.stdout is not None
    assert hanging.stdout.readline() == "written\n"
    hanging.send_signal(signal.SIGKILL)
    hanging.wait()
    assert query("select count(*) from core.observation_version") == [(0,)]
    assert query("select state from ops.load") == [("validated",)]
    assert publisher.publish(load_id).added == 12
    assert query("select count(*) from core.observation") == [(12,)]


def test_publications_of_one_source_wait_for_each_other(publisher: Publisher, warehouse: Engine) -> None:
    load_id = publisher.validate(MANY)
    with warehouse.begin() as holder, warehouse.begin() as impatient:
        holder.execute(text("select pg_advisory_xact_lock(hashtextextended('publish owid_grapher', 0))"))
        impatient.execute(text("set local lock_timeout = '200ms'"))
        with pytest.raises(DatabaseError, match="lock timeout"):
            publish(impatient, load_id, staged_rows(publisher.staging), lambda: NOON)
    assert publisher.publish(load_id).added == 12
