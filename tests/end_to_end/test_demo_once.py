"""The README's first command: every service, every run, twice."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text

from city_indicators.local import databases, postgres
from city_indicators.local.settings import Settings
from city_indicators.local.stack import Stack

DEMO_ONCE = """
import sys
from pathlib import Path
from rich.console import Console
from city_indicators.local.demo import Mode, run
from city_indicators.local.settings import Settings
sys.exit(run(Settings(home=Path(sys.argv[1])), Mode(sample=True, stay=False), Console(width=100)))
"""

YEARS = 26


def demo_once(home: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", DEMO_ONCE, str(home)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def summary(home: Path) -> dict[str, int]:
    """What the warehouse holds, asked of a server started for the question."""
    counts = {
        "loads": "select count(*) from ops.load where state = 'published'",
        "unpublished": "select count(*) from ops.load where state <> 'published'",
        "unreported": "select count(*) from ops.load where report_refresh_id is null",
        "versions": "select count(*) from core.observation_version",
        "rejected": "select count(*) from quality.rejected_row",
        "ranked": "select count(*) from report.rating where status = 'ranked' and time_period = '2022'",
        "profiles": "select count(distinct ref_area) from report.city_profile",
        "covered_years": "select count(distinct time_period) from report.data_coverage",
    }
    with Stack(Settings(home=home)) as stack:
        server = postgres.start(stack)
        with create_engine(server.url(databases.WAREHOUSE, "etl")).connect() as connection:
            return {name: connection.execute(text(query)).scalar_one() for name, query in counts.items()}


@pytest.mark.end_to_end
def test_the_demo_loads_all_and_once_more_adds_nothing(open_path: Path) -> None:
    home = open_path / "local"
    printed = demo_once(home)
    assert "Addis Ababa" in printed
    first = summary(home)
    assert first["loads"] >= len(Settings().sources())
    # Abu Dhabi without green in 2010 (2), Riyadh told twice (1), core municipalities told as cities (7), and
    # treatment shares that sum to more than the whole (7).
    assert (first["unpublished"], first["unreported"], first["rejected"]) == (0, 0, 17)
    # Without PM2.5 for Hong Kong its air cannot be rated.
    assert (first["ranked"], first["profiles"]) == (47, 48)
    # 2000 to 2025: every year of the sample.
    assert first["covered_years"] >= YEARS

    demo_once(home)
    assert summary(home) == first
    left = [p for p in psutil.process_iter(["cmdline"]) if str(home) in " ".join(p.info["cmdline"] or [])]
    assert left == []
