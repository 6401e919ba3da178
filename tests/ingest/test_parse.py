"""Files that are parsed by hand: each row names the bytes that it was read from."""

import hashlib
from pathlib import Path

from city_indicators.catalog import Catalogue
from city_indicators.ingest.parse import OBSERVATION_COLUMNS, parse_files


def test_a_row_names_the_bytes_of_its_file(catalogue: Catalogue, tmp_path: Path) -> None:
    heading = "Entity,Code,Year,Primary energy consumption per capita (kWh/person)"
    files = [tmp_path / year / "per-capita-energy-use.csv" for year in ("2018", "2019")]
    for file in files:
        file.parent.mkdir()
        file.write_text(f"{heading}\nRussia,RUS,{file.parent.name},55000\n", encoding="utf-8")
    accepted = parse_files("owid_grapher", files, catalogue).accepted
    # What the command prints.
    assert accepted[OBSERVATION_COLUMNS].iloc[0].to_list() == [
        *("RUS", "ENERGY_PC", "A", "2018", 55000, "KWH_PC", "A", "country", "owid_grapher")
    ]
    found = accepted.set_index("time_period")["sha256"].to_dict()
    assert found == {file.parent.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
