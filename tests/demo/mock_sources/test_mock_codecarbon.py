"""The mock server's files of carbon intensity against the real ones."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.ingest.parse import parse_files

FILES = {
    "global_energy_mix": 28,
    "2023/china_provincial_emissions": 5,
    "2023/usa_emissions": 2,
}
ROOT = "/grid_co2/mlco2/codecarbon/v3.3.2/codecarbon/data/private_infra"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def served(client: TestClient, name: str) -> dict[str, Any]:
    reply = client.get(f"{ROOT}/{name}.json")
    assert reply.status_code == 200
    return dict(reply.json())


def real(shared: Path, name: str) -> dict[str, Any]:
    file = shared / "data/grid_co2_codecarbon" / f"{name.rsplit('/', 1)[-1]}.json"
    return dict(json.loads(file.read_text(encoding="utf-8")))


def test_countries_have_the_real_keys_and_values(client: TestClient, shared: Path) -> None:
    published = real(shared, "global_energy_mix")
    answer = served(client, "global_energy_mix")
    assert len(answer) == FILES["global_energy_mix"]
    for code, row in answer.items():
        assert row.items() <= published[code].items()
        assert row.keys() == {"carbon_intensity", "country_name", "iso_code", "year"}


def test_provinces_have_the_real_keys_and_values(client: TestClient, shared: Path) -> None:
    published = real(shared, "china_provincial_emissions")["data"]
    answer = served(client, "2023/china_provincial_emissions")["data"]
    assert answer.keys() == {"CN-BJ", "CN-SH", "CN-CQ", "CN-SC", "CN-GD"}
    for code, row in answer.items():
        assert row.items() <= published[code].items()
        assert row.keys() == {"emission_factor", "unit", "description", "year"}


def test_states_are_the_real_ones_with_unit_and_year(client: TestClient, shared: Path) -> None:
    published = real(shared, "usa_emissions")
    answer = served(client, "2023/usa_emissions")
    assert answer["_unit"] == published["_unit"]
    assert answer["_source"]["year"] == published["_source"]["year"] == 2023
    assert answer["new york"] == published["new york"] == {"emissions": 466.616, "regionCode": "NY"}
    assert answer.keys() == {"_unit", "_source", "california", "new york"}


def test_the_connector_reads_the_same_from_both(
    client: TestClient, shared: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    copies = []
    for name in FILES:
        copies.append(tmp_path / f"{name.rsplit('/', 1)[-1]}.json")
        copies[-1].write_bytes(client.get(f"{ROOT}/{name}.json").content)
    columns = ["ref_area", "time_period", "obs_value", "geo_basis", "value_as_published"]
    ours = parse_files("grid_co2", copies, catalogue).accepted[columns]
    published = [shared / "data/grid_co2_codecarbon" / copy.name for copy in copies]
    theirs = parse_files("grid_co2", published, catalogue).accepted[columns]
    assert len(ours) == 36
    keyed = [frame.sort_values("ref_area", ignore_index=True) for frame in (ours, theirs)]
    assert keyed[0].equals(keyed[1])


def test_another_file_is_not_found(client: TestClient) -> None:
    assert client.get(f"{ROOT}/2023/canada_energy_mix.json").status_code == 404


def test_data_mos_ru_answers_without_rows(client: TestClient) -> None:
    # Its terms of use are unknown, so the sample has none of its data: the answer is an empty array.
    reply = client.get("/data_mos_ru/v1/datasets/62743/rows", params={"$top": "1000", "$skip": "0"})
    assert (reply.status_code, reply.json()) == (200, [])
