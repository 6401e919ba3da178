"""The demo fills the base of cases, and takes nobody's file for its own."""

from pathlib import Path

from city_indicators.local.demo import drop_sample_cases
from city_indicators.local.settings import Settings
from city_indicators.paths import SAMPLE


def test_the_sample_is_dropped_once_and_overwrites_nothing(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    drop_sample_cases(settings)
    (dropped,) = (tmp_path / "inbox" / "cases").iterdir()
    assert dropped.read_bytes() == (SAMPLE / "cases.csv").read_bytes()
    dropped.write_text("mine")
    drop_sample_cases(settings)
    assert dropped.read_text() == "mine"
