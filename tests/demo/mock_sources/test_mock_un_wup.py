"""The mock server's workbook against the real .xls, both read in the same way."""

import hashlib
import io
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from fastapi.testclient import TestClient

from city_indicators.core.paths import PROJECT, source_file
from demo.mock_sources import create_app

SOURCE = yaml.safe_load(source_file("un_wup").read_text(encoding="utf-8"))
URL = f"/un_wup{SOURCE['path']}"


@pytest.fixture(scope="module")
def body() -> bytes:
    reply = TestClient(create_app()).get(URL)
    assert reply.status_code == 200
    return reply.content


@pytest.fixture(scope="module")
def ours(body: bytes) -> dict[str, pd.DataFrame]:
    return pd.read_excel(io.BytesIO(body), sheet_name=None, header=None, engine="calamine")


@pytest.fixture(scope="module")
def real(shared: Path) -> dict[str, pd.DataFrame]:
    path = shared / "data" / "un_wup2018" / "WUP2018-F22-Cities_Over_300K_Annual.xls"
    return pd.read_excel(path, sheet_name=None, header=None, engine="calamine")


def cells(sheet: pd.DataFrame, rows: slice) -> dict[tuple[int, int], object]:
    part = sheet.iloc[rows]
    return {
        (row, column): part.loc[row, column]
        for row in part.index
        for column in part.columns
        if pd.notna(part.loc[row, column])
    }


def test_sheets_and_title_lines_are_the_real_ones(
    ours: dict[str, pd.DataFrame], real: dict[str, pd.DataFrame]
) -> None:
    assert list(ours) == list(real)
    assert cells(ours["Data"], slice(0, 16)) == cells(real["Data"], slice(0, 16))


def test_header_is_on_the_same_row(ours: dict[str, pd.DataFrame], real: dict[str, pd.DataFrame]) -> None:
    header = ours["Data"].iloc[16].tolist()
    assert header[:8] == real["Data"].iloc[16].tolist()[:8]
    assert header[8:] == list(range(2000, 2026))


def test_footnotes_are_in_the_real_places(
    ours: dict[str, pd.DataFrame], real: dict[str, pd.DataFrame]
) -> None:
    notes = cells(ours["NOTES"], slice(None))
    all_notes = cells(real["NOTES"], slice(None))
    assert notes.items() <= all_notes.items()
    cited = {f"({int(note)})" for note in ours["Data"].iloc[17:, 5].dropna()}
    assert {str(text).split(" ")[0] for text in notes.values()} == cited | {"Notes"}


def test_every_row_equals_the_real_row(ours: dict[str, pd.DataFrame], real: dict[str, pd.DataFrame]) -> None:
    header = real["Data"].iloc[16].tolist()
    columns = [*range(8), *[header.index(year) for year in range(2000, 2026)]]
    real_rows = real["Data"].iloc[17:, columns].set_axis(range(34), axis="columns").set_index(3)
    rows = ours["Data"].iloc[17:].set_index(3)
    assert {str(code) for code in rows.index} == set(SOURCE["areas"])
    pd.testing.assert_frame_equal(
        rows.astype(object), real_rows.loc[rows.index].astype(object), check_dtype=False
    )


def test_values_looked_up_by_hand(ours: dict[str, pd.DataFrame]) -> None:
    table = ours["Data"].iloc[17:].set_index(3)
    assert table.loc[22299, 4] == "Moskva (Moscow)"
    assert table.loc[22299, 8] == 10004.523
    assert table.loc[20517, 33] == 14878.691


def test_bytes_are_the_same_from_app_to_app_and_run_to_run(body: bytes) -> None:
    assert TestClient(create_app()).get(URL).content == body
    code = (
        "import hashlib; from demo.sample.table import load_sample; "
        "from demo.mock_sources.un_wup import workbook; "
        "print(hashlib.sha256(workbook(load_sample())).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(PROJECT / "plugins"), "TZ": "Asia/Shanghai", "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == hashlib.sha256(body).hexdigest()


def test_head_and_conditional_requests(client: TestClient) -> None:
    head = client.head(URL)
    assert head.status_code == 200
    assert head.headers["last-modified"].endswith("GMT")
    again = client.get(URL, headers={"If-None-Match": head.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert client.get(URL, headers={"If-None-Match": '"older"'}).status_code == 200


def test_openpyxl_is_not_loaded_before_it_is_needed() -> None:
    code = "import sys, demo.mock_sources; sys.exit('openpyxl' in sys.modules)"
    env = {"PYTHONPATH": str(PROJECT / "plugins")}
    assert subprocess.run([sys.executable, "-c", code], env=env, check=False).returncode == 0
