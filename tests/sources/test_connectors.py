"""The registry of connectors: which module reads a source, and its capabilities."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from city_indicators.__main__ import main
from city_indicators.catalog import Catalogue
from city_indicators.core.errors import CatalogueError
from city_indicators.core.intervals import EVERY_YEAR, Interval
from city_indicators.core.paths import PROJECT
from city_indicators.ingest.normalise import normalise
from city_indicators.orchestration.formats import register_formats
from city_indicators.sources.climate_indices import INDICES
from city_indicators.sources.connectors import CONNECTORS, connector_of, metered
from city_indicators.sources.records import Metered, Paged
from tests.publishers import as_snapshot
from tests.sources.specimens import RECORDED

PLUGINS = {"PYTHONPATH": str(PROJECT / "plugins")}


def test_every_declared_source_has_a_connector(catalogue: Catalogue) -> None:
    register_formats()
    assert {source.format for source in catalogue.sources.values()} == set(CONNECTORS)
    for source in catalogue.sources.values():
        assert connector_of(source) is CONNECTORS[source.format]


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_answer_gives_the_observations_beside_it(name: str, catalogue: Catalogue) -> None:
    recorded = json.loads(RECORDED[name].read_text(encoding="utf-8"))
    source = catalogue.sources[name]
    archived = iter([as_snapshot(json.dumps(recorded["answer"]).encode(), recorded["url"])])
    records = list(connector_of(source).read(source, archived, EVERY_YEAR))
    observations = normalise(records, source, catalogue, EVERY_YEAR).observations
    read = observations[["indicator", "ref_area", "time_period", "obs_value", "unit_measure"]]
    assert read.to_numpy().tolist() == recorded["observations"]


def test_the_functions_of_a_module_define_its_capabilities() -> None:
    assert {name for name, connector in CONNECTORS.items() if isinstance(connector, Metered)} == {
        "open_meteo_air",
        "open_meteo_archive",
        "open_meteo_climate",
    }
    assert {name for name, connector in CONNECTORS.items() if isinstance(connector, Paged)} == {
        "openaq_v3",
        "table",
        "world_bank_v2",
    }


def test_a_quota_needs_a_format_that_lists_its_requests(catalogue: Catalogue) -> None:
    for source in catalogue.sources.values():
        if source.quota is not None:
            year = Interval(date(2020, 1, 1), date(2021, 1, 1))
            assert metered(source).list_requests(source, catalogue, year)
    with pytest.raises(CatalogueError, match=r"nasa_power\.yaml: quota: the format nasa_power does not list"):
        metered(catalogue.sources["nasa_power"])


def test_an_unknown_format_is_named_with_those_that_are_known(catalogue: Catalogue) -> None:
    source = catalogue.sources["un_wup"].model_copy(update={"format": "wup_api"})
    with pytest.raises(
        CatalogueError, match=r"un_wup\.yaml: format: 'wup_api' is none of c40_inventories, .*, wup_workbook"
    ):
        connector_of(source)


def test_the_command_line_reads_submissions(tmp_path: Path) -> None:
    form = tmp_path / "form.csv"
    form.write_text(
        "city,indicator,period,value,unit,contact_role,submitted_on,evidence_url,note\n"
        "moscow,POP_CITY,2022,13010112,PS,statistics office,2024-03-01,https://mosstat.example/pop,\n"
    )
    command = [sys.executable, "-m", "city_indicators", "parse", "city_submission", str(form)]
    done = subprocess.run(command, env=PLUGINS, capture_output=True, text=True)
    assert done.stderr.startswith("read 1 = accepted 1 + rejected 0"), done.stderr


def test_no_accepted_row_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A script that goes on with an empty CSV must notice, whether rows were rejected or none was read."""
    form = tmp_path / "form.csv"
    header = "city,indicator,period,value,unit,contact_role,submitted_on,evidence_url,note\n"
    for rows in (
        "",
        "moscow,POP_CITY,2022,13,PS,statistics office,2024-03-01,https://mosstat.example/pop,\n",
    ):
        form.write_text(header + rows)
        assert main(["parse", "city_submission", str(form)]) == 1
        assert f"read {len(rows) and 1} = accepted 0" in capsys.readouterr().err


def test_the_points_of_sources_of_grids_are_those_of_the_cities(catalogue: Catalogue) -> None:
    for name in ("nasa_power", "open_meteo_archive", "open_meteo_climate", "open_meteo_air"):
        areas = catalogue.ref_areas(catalogue.sources[name])
        assert set(areas.values()) == set(catalogue.cities)
        assert areas["55.75204,37.61781"] == "moscow"


def test_every_series_names_an_index_that_exists(catalogue: Catalogue) -> None:
    for name in ("nasa_power", "open_meteo_archive", "open_meteo_climate", "open_meteo_air"):
        assert {series.statistic for series in catalogue.sources[name].series} <= set(INDICES)
