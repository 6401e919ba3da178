"""Published files from the mock server, read by the real connectors and compared with the real files."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.core.snapshots import Snapshot
from city_indicators.ingest.parse import Parsed, parse_files
from city_indicators.sources.connectors import connector_of
from demo.mock_sources import cdp_emissions, create_app
from demo.mock_sources.app import serves
from demo.sample.citations import TABLES
from demo.sample.files import footnotes

REAL = {
    "co2_japan_long": ["city_co2_openclimate/excerpt_EmissionsAgg.csv"],
    "future_cities_bastin": ["future_cities_bastin/excerpt_future_cities_data.csv"],
    "metro_systems": ["metro_systems/metro_systems.csv"],
    "net_zero_tracker": ["net_zero_tracker/snapshot_2022-12-20_13-07-14.xlsx"],
    "un_habitat_green": ["unhabitat_green/green_area_share_per_capita_1990_2020.xlsx"],
    "un_habitat_open_space": ["unhabitat_open_space/sdg_11_7_1_2024.xlsx"],
    "un_sdg_transport": ["unsdg_pt_access/pt-access.csv"],
    "un_sdg_waste": ["un_sdg_goal11/Goal11_slums_wastecollection.xlsx"],
    "undata_population": ["undata_city_population/UNdata_Export_20240220_163008679.csv"],
    "what_a_waste": [
        "what_a_waste/city_level_data_0_0.csv",
        "what_a_waste/city_level_codebook_0.csv",
    ],
}
WITHOUT_DATA = ["c40_gpc", "cdp_emissions", "ndvi_stowell", "openghgmap", "who_air_quality"]
CDP_FILES = {
    2017: "2017_-_Cities_Community_Wide_Emissions.csv",
    2019: "2019_City-wide_Emissions.csv",
    2021: "2021_City-wide_Emissions.csv",
}

Answers = list[tuple[Snapshot, bytes]]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def mock_server(app: FastAPI) -> TestClient:
    return TestClient(app)


@pytest.fixture(scope="module")
def answers(catalogue: Catalogue, mock_server: TestClient) -> Callable[[str], Answers]:
    """Fetches a source from the mock server with its connector."""

    @cache
    def fetched(source_id: str) -> Answers:
        source = catalogue.sources[source_id]
        got: Answers = []

        def fetch(path: str, params: Any) -> tuple[Snapshot, bytes]:
            reply = mock_server.get(f"/{source_id}{path}", params=dict(params) or None)
            assert reply.status_code == 200, (path, reply.text)
            sha256 = hashlib.sha256(reply.content).hexdigest()
            media_type = reply.headers["content-type"]
            now = datetime(2026, 11, 24, tzinfo=UTC)
            got.append(
                (Snapshot(source_id, path, sha256, len(reply.content), media_type, now), reply.content)
            )
            return got[-1]

        connector_of(source).fetch(source, catalogue, EVERY_YEAR, fetch)
        return got

    return fetched


@pytest.fixture(scope="module")
def parsed(
    answers: Callable[[str], Answers], catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Parsed]:
    """The mock server's answers, validated like files of the publisher."""

    @cache
    def parse(source_id: str) -> Parsed:
        folder = tmp_path_factory.mktemp(source_id)
        files = []
        for number, (_, content) in enumerate(answers(source_id)):
            files.append(folder / str(number))
            files[-1].write_bytes(content)
        return parse_files(source_id, files, catalogue)

    return parse


def observed(rows: pd.DataFrame, *more: str) -> list[tuple[Any, ...]]:
    columns = ["ref_area", "indicator", "time_period", "value_as_published", *more]
    return sorted(rows[columns].astype(str).itertuples(index=False, name=None))


@pytest.mark.parametrize("source_id", REAL)
def test_the_answer_gives_what_the_real_file_gives(
    parsed: Callable[[str], Parsed], shared: Path, catalogue: Catalogue, source_id: str
) -> None:
    ours = parsed(source_id)
    real = parse_files(source_id, [shared / "data" / file for file in REAL[source_id]], catalogue)
    accepted = ("obs_value", "unit_measure", "obs_status", "geo_basis")
    assert observed(ours.accepted, *accepted) == observed(real.accepted, *accepted)
    assert observed(ours.rejected, "rule") == observed(real.rejected, "rule")
    assert len(ours.accepted) > 0


def test_serves_exactly_the_sources_with_data(catalogue: Catalogue) -> None:
    sources = catalogue.sources
    assert [source_id for source_id in (*REAL, "world_bank") if not serves(sources[source_id])] == []
    assert [source_id for source_id in WITHOUT_DATA if serves(sources[source_id])] == []


@pytest.mark.parametrize("source_id", WITHOUT_DATA)
def test_a_source_without_an_open_licence_has_a_header_and_no_data(
    answers: Callable[[str], Answers], catalogue: Catalogue, source_id: str
) -> None:
    source = catalogue.sources[source_id]
    archived = answers(source_id)
    assert list(connector_of(source).read(source, iter(archived), EVERY_YEAR)) == []
    assert len(archived) == (len(source.datasets) or 1)


def test_waste_values_looked_up_by_hand(parsed: Callable[[str], Parsed]) -> None:
    rows = parsed("what_a_waste").accepted.set_index(["ref_area", "indicator"])["obs_value"]
    # Bangkok: 11.85 recycled and 48.7 composted; Moscow: 5 500 000 t, 4 % recycled, 90 % dumped.
    assert rows["bangkok", "WASTE_RECOVERED"] == pytest.approx(60.55)
    assert rows["moscow", "WASTE_GENERATED"] == 5_500_000
    assert rows["moscow", "WASTE_OPEN_DUMP"] == 90
    assert rows["bogota", "WASTE_GENERATED"] == 1_746_890


def test_shares_above_100_percent_in_total_are_rejected(parsed: Callable[[str], Parsed]) -> None:
    rejected = parsed("what_a_waste").rejected
    assert set(rejected["rule"]) == {"value_is_number"}
    assert {value.rpartition(" ")[2] for value in rejected["value_as_published"]} == {"105.94", "103.73"}


def test_collection_keeps_its_breaks(parsed: Callable[[str], Parsed]) -> None:
    rows = parsed("un_sdg_waste").accepted.set_index(["ref_area", "time_period"])["obs_value"]
    assert rows["jakarta"].to_dict() == {"2012": 95, "2015": 72, "2018": 80}
    assert rows["bangkok"].to_dict() == {"2015": 45, "2018": 100}


def test_every_line_of_what_a_waste_is_a_line_of_the_real_files(
    answers: Callable[[str], Answers], shared: Path
) -> None:
    archived = answers("what_a_waste")
    for (_, content), file, line_end in zip(archived, REAL["what_a_waste"], (b"\r\n", b"\n"), strict=True):
        real = (shared / "data" / file).read_bytes()
        assert content.partition(line_end)[0] == real.partition(line_end)[0]
        assert content.endswith(line_end)
        assert set(content.split(line_end)) <= set(real.split(line_end))
    cities, codebook = (content.decode() for _, content in archived)
    assert "Bogot\u00c3\u00a1," in cities
    assert "Bogot\u00e1," in codebook


def test_undata_is_one_export_in_a_zip(answers: Callable[[str], Answers], shared: Path) -> None:
    ((snapshot, content),) = answers("undata_population")
    assert snapshot.media_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (name,) = archive.namelist()
        export = archive.read(name)
    real = (shared / "data" / REAL["undata_population"][0]).read_bytes()
    head, separator, notes = export.partition(b'\r\n\r\n"footnoteSeqID"')
    assert separator
    table, _, real_notes = real.partition(b'\r\n\r\n"footnoteSeqID"')
    assert head.partition(b"\r\n")[0] == table.partition(b"\r\n")[0]
    assert set(head.split(b"\r\n")) <= set(table.split(b"\r\n"))
    assert set(notes.split(b"\r\n")) <= set(real_notes.split(b"\r\n"))
    # Kolkata's row of 2011 has the wrong type; the export has it nevertheless.
    assert b'"India","2011","Total","Both Sexes","Kolkata (Calcutta)","Urban agglomeration"' in head


def test_the_footnotes_of_the_export_are_those_that_its_rows_cite(
    answers: Callable[[str], Answers], shared: Path
) -> None:
    ((_, content),) = answers("undata_population")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        export = archive.read(archive.namelist()[0])
    rows = csv.DictReader(io.StringIO(export.partition(b'\r\n\r\n"footnoteSeqID"')[0].decode(), newline=""))
    cited = {note for row in rows for note in row["Value Footnotes"].split(",") if note}
    sent = dict(footnotes(export))
    real = dict(footnotes((shared / "data" / REAL["undata_population"][0]).read_bytes()))
    assert set(sent) == cited
    assert len(real) == 237
    assert real["237"] == "Including Epworth area."
    assert sent.items() <= real.items()
    assert '"city inner"' in real["21"]


@pytest.mark.parametrize("year", CDP_FILES)
def test_a_header_of_cdp_is_the_real_one(
    shared: Path, catalogue: Catalogue, mock_server: TestClient, year: int
) -> None:
    real = (shared / "data/cdp_citywide_emissions" / CDP_FILES[year]).read_bytes()
    dataset = catalogue.sources["cdp_emissions"].datasets[year]
    reply = mock_server.get(f"/cdp_emissions/api/views/{dataset}/rows.csv?accessType=DOWNLOAD")
    assert reply.content == real.partition(b"\n")[0] + b"\n"


def test_cdp_has_a_header_for_every_year_of_the_catalogue(catalogue: Catalogue) -> None:
    assert set(cdp_emissions.headers()) == set(catalogue.sources["cdp_emissions"].datasets)
    assert {year: len(titles) for year, titles in cdp_emissions.headers().items()} == {
        2016: 27,
        2017: 31,
        2018: 33,
        2019: 33,
        2020: 33,
        2021: 32,
    }


def test_an_unknown_dataset_of_cdp_is_not_found(mock_server: TestClient) -> None:
    assert mock_server.get("/cdp_emissions/api/views/aaaa-0000/rows.csv").status_code == 404


def test_the_bytes_are_the_same_from_app_to_app(answers: Callable[[str], Answers]) -> None:
    other = TestClient(create_app())
    for source_id in (*REAL, *WITHOUT_DATA):
        for snapshot, content in answers(source_id):
            reply = other.get(f"/{source_id}{snapshot.url}")
            assert reply.content == content
            assert other.head(f"/{source_id}{snapshot.url}").headers["etag"] == reply.headers["etag"]


def test_data_of_closed_publishers_are_not_in_the_sample() -> None:
    files = {citation.file.partition("/")[0] for citation in TABLES.values()}
    assert not files & {"c40_gpc", "cdp_citywide_emissions", "ndvi_stowell", "who_aaq"}
