"""Damage beside the pipeline: clocks that ran ahead, rotten and torn files, a second writer."""

from contextlib import suppress
from pathlib import Path
from random import Random

from sqlalchemy import text

from city_indicators.core.errors import CityIndicatorsError
from city_indicators.ingest.load import publish_load
from city_indicators.orchestration.clock import now
from tests.stacks import Running

# As if the clock of the worker that fetched last had been a year ahead.
CLOCK_AHEAD = text("""
    update archive.fetch_event set fetched_at = fetched_at + interval '1 year'
    where fetch_id in (select fetch_id from archive.fetch_event order by fetch_id desc limit 3)
""")
# Answers that broke off are in the archive too, and no publisher gives those bytes again.
LOADED = """
    select distinct event.sha256
    from ops.load_fetch inner join archive.fetch_event as event on load_fetch.fetch_id = event.fetch_id
    order by event.sha256
"""
VALIDATED = "select load_id, staged_path from ops.load where state = 'validated' order by load_id desc"


def clock_ahead(running: Running, _: Random) -> bool:
    """Move the times of the latest fetches a year ahead."""
    with running.warehouse.begin() as connection:
        return connection.execute(CLOCK_AHEAD).rowcount > 0


def bit_rot(running: Running, random: Random) -> bool:
    """Flip one bit of an archived file."""
    files = _loaded(running)
    if not files:
        return False
    file = random.choice(files)
    content = bytearray(file.read_bytes())
    content[random.randrange(len(content))] ^= 1
    file.write_bytes(content)
    return True


def torn_write(running: Running, random: Random) -> bool:
    """Cut an archived file in the middle, as a machine does that loses power while it writes."""
    files = _loaded(running)
    if not files:
        return False
    file = random.choice(files)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    return True


def torn_stage(running: Running, _: Random) -> bool:
    """Cut the staged rows of a load that is not published yet."""
    for _load, path in running.rows(VALIDATED):
        file = running.stack.settings.archive / "staged" / str(path)
        with suppress(FileNotFoundError):
            file.write_bytes(file.read_bytes()[:-100])
            return True
    return False


def second_writer(running: Running, _: Random) -> bool:
    """Publish a load at the same time as its task."""
    for load, _path in running.rows(VALIDATED):
        # Its task may be the first; or somebody cut its staged rows.
        with suppress(CityIndicatorsError):
            publish_load(int(str(load)), running.stack.settings.archive / "staged", running.warehouse, now)
            return True
    return False


def _loaded(running: Running) -> list[Path]:
    """The archived files that a load has read."""
    root = running.stack.settings.archive / "sha256"
    return [root / str(sha256)[:2] / str(sha256) for (sha256,) in running.rows(LOADED)]


DAMAGE = {
    "clock_ahead": clock_ahead,
    "bit_rot": bit_rot,
    "torn_write": torn_write,
    "torn_stage": torn_stage,
    "second_writer": second_writer,
}
