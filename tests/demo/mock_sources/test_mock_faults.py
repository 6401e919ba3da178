"""Every kind of fault works as documented, at the requested address and number of times."""

import io
import json
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pandas as pd
import pytest
import yaml
from fastapi.testclient import TestClient

from city_indicators.core.paths import source_file

WORLD_BANK = "/world_bank/v2/country/CHN/indicator/NY.GDP.PCAP.PP.KD?format=json&date=2020:2024"
OWID = "/owid_grapher/grapher/per-capita-energy-use.csv?csvType=filtered&country=BRA&time=2020..2022"
SOURCE = yaml.safe_load(source_file("un_wup").read_text(encoding="utf-8"))
WUP = f"/un_wup{SOURCE['path']}"
EVERYWHERE = [WORLD_BANK, OWID, WUP]
PATIENCE_SECONDS = 30

Order = Callable[..., None]


@pytest.mark.parametrize("url", EVERYWHERE)
@pytest.mark.parametrize(
    ("kind", "status"), [("server_error", 500), ("unavailable", 503), ("too_many_requests", 429)]
)
def test_refusals_last_as_long_as_ordered(
    client: TestClient, order: Order, url: str, kind: str, status: int
) -> None:
    true = client.get(url).content
    order(url.partition("?")[0], kind, times=2)
    assert [client.get(url).status_code for _ in range(3)] == [status, status, 200]
    assert client.get(url).content == true


def test_too_many_requests_gives_the_pause(client: TestClient, order: Order) -> None:
    order("owid", "too_many_requests", retry_after=17)
    assert client.get(OWID).headers["retry-after"] == "17"


def test_html_is_a_page_with_status_200(client: TestClient, order: Order) -> None:
    order("world_bank", "html")
    reply = client.get(WORLD_BANK)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/html")
    assert "<html" in reply.text


@pytest.mark.parametrize("url", EVERYWHERE)
def test_truncated_is_half_the_body_with_its_own_length(client: TestClient, order: Order, url: str) -> None:
    true = client.get(url)
    order("/", "truncated")
    cut = client.get(url)
    assert cut.content == true.content[: len(true.content) // 2]
    assert int(cut.headers["content-length"]) == len(cut.content)
    assert cut.headers.get("etag") != true.headers.get("etag") or "etag" not in true.headers


def test_disconnect_sends_less_than_promised(address: str) -> None:
    with httpx.Client(base_url=address) as web:
        length = len(web.get(OWID).content)
        web.post("/_faults", json={"path_contains": "owid", "kind": "disconnect"}).raise_for_status()
        received = bytearray()
        with (  # noqa: PT012
            pytest.raises(httpx.RemoteProtocolError),
            web.stream("GET", OWID) as reply,
        ):
            assert int(reply.headers["content-length"]) == length
            for part in reply.iter_raw():
                received.extend(part)
        assert len(received) == length // 2
        assert len(web.get(OWID).content) == length


def test_timeout_outlasts_the_client(address: str) -> None:
    with httpx.Client(base_url=address) as web:
        web.post("/_faults", json={"path_contains": "owid", "kind": "timeout"}).raise_for_status()
        with pytest.raises(httpx.ReadTimeout):
            web.get(OWID, timeout=0.2)
        web.delete("/_faults").raise_for_status()


def test_deleting_faults_ends_a_timeout(address: str) -> None:
    replies: list[httpx.Response] = []
    with httpx.Client(base_url=address, timeout=PATIENCE_SECONDS) as web:
        fault = {"path_contains": "owid", "kind": "timeout", "hold_seconds": 2 * PATIENCE_SECONDS}
        web.post("/_faults", json=fault).raise_for_status()
        pending = threading.Thread(target=lambda: replies.append(web.get(OWID)))
        pending.start()
        while web.get("/_faults").json():  # until the pending request has taken the fault
            assert pending.is_alive()
        assert replies == []
        web.delete("/_faults").raise_for_status()
        pending.join(PATIENCE_SECONDS)
    assert [reply.status_code for reply in replies] == [200]


def test_timeout_ends_by_itself(client: TestClient, order: Order) -> None:
    order("owid", "timeout", hold_seconds=0.01)
    assert client.get(OWID).status_code == 200


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("out_of_range", {"value": -999_999_999}),
        ("not_a_number", {"value": "see note"}),
        ("unknown_area", {"country": {"id": "XX", "value": "Atlantis"}, "countryiso3code": "XXX"}),
    ],
)
def test_world_bank_row_is_changed(
    client: TestClient, order: Order, kind: str, change: dict[str, Any]
) -> None:
    header, rows = client.get(WORLD_BANK).json()
    first = next(number for number, row in enumerate(rows) if row["value"] is not None)
    assert first > 0  # the newest years have no value: a falsified null would not be noticed
    order("world_bank", kind)
    rows[first] |= change
    assert client.get(WORLD_BANK).json() == [header, rows]


def test_world_bank_column_and_duplicate(client: TestClient, order: Order) -> None:
    header, rows = client.get(WORLD_BANK).json()
    order("world_bank", "missing_column")
    assert all("value" not in row for row in client.get(WORLD_BANK).json()[1])
    order("world_bank", "duplicate_row")
    more_header, more = client.get(WORLD_BANK).json()
    assert more_header["total"] == header["total"] + 1 == len(more)
    assert [row for number, row in enumerate(more) if row not in more[:number]] == rows


def test_world_bank_error_is_left_alone(client: TestClient, order: Order) -> None:
    url = WORLD_BANK.replace("CHN", "ZZZ")
    true = client.get(url).content
    order("world_bank", "out_of_range")
    assert client.get(url).content == true
    assert json.loads(true)[0]["message"][0]["id"] == "120"


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("out_of_range", {3: "-999999999"}),
        ("not_a_number", {3: "see note"}),
        ("unknown_area", {0: "Atlantis", 1: "XXX"}),
    ],
)
def test_owid_row_is_changed(client: TestClient, order: Order, kind: str, cells: dict[int, str]) -> None:
    lines = [line.split(",") for line in client.get(OWID).text.splitlines()]
    order("grapher", kind)
    for column, text in cells.items():
        lines[1][column] = text
    assert [line.split(",") for line in client.get(OWID).text.splitlines()] == lines


def test_owid_column_and_duplicate(client: TestClient, order: Order) -> None:
    header, first, *rest = client.get(OWID).text.splitlines()
    order("grapher", "missing_column")
    assert client.get(OWID).text.splitlines()[0] == "Entity,Code,Year"
    order("grapher", "duplicate_row")
    assert client.get(OWID).text.splitlines() == [header, first, first, *rest]


def wup_table(client: TestClient) -> pd.DataFrame:
    return pd.read_excel(io.BytesIO(client.get(WUP).content), header=16, engine="calamine")


def test_wup_row_is_changed(client: TestClient, order: Order) -> None:
    true = wup_table(client)
    order("wup", "out_of_range")
    assert (wup_table(client).loc[0, range(2000, 2026)] == -999_999_999).all()
    order("wup", "not_a_number")
    assert (wup_table(client).loc[0, range(2000, 2026)] == "see note").all()
    order("wup", "unknown_area")
    assert wup_table(client).loc[0, ["City Code", "Urban Agglomeration"]].tolist() == [999999, "Atlantis"]
    order("wup", "duplicate_row")
    expected = pd.concat([true.iloc[:1], true], ignore_index=True)
    pd.testing.assert_frame_equal(wup_table(client), expected)
    order("wup", "missing_column")
    pd.testing.assert_frame_equal(wup_table(client), true.drop(columns="City Code"))
    pd.testing.assert_frame_equal(wup_table(client), true)


def test_falsified_workbook_has_its_own_tag_and_is_never_unmodified(client: TestClient, order: Order) -> None:
    tag = client.head(WUP).headers["etag"]
    order("wup", "out_of_range")
    assert client.head(WUP).headers["etag"] == tag  # HEAD has no body, so the fault stays pending
    changed = client.get(WUP, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_faults_fit_by_path_and_query_in_their_order(client: TestClient, order: Order) -> None:
    order("page=2", "unavailable")
    order("world_bank", "server_error")
    assert client.get(OWID).status_code == 200
    assert client.get(f"{WORLD_BANK}&page=2").status_code == 503
    assert client.get(f"{WORLD_BANK}&page=2").status_code == 500
    assert client.get(f"{WORLD_BANK}&page=2").status_code == 200


def test_pending_faults_are_listed_and_forgotten(client: TestClient, order: Order) -> None:
    order("world_bank", "server_error", times=3)
    client.get(WORLD_BANK)
    assert [(fault["kind"], fault["times"]) for fault in client.get("/_faults").json()] == [
        ("server_error", 2)
    ]
    assert client.delete("/_faults").status_code == 204
    assert client.get("/_faults").json() == []
    assert client.get(WORLD_BANK).status_code == 200


def test_unknown_kind_is_refused(client: TestClient) -> None:
    reply = client.post("/_faults", json={"path_contains": "x", "kind": "gremlin"})
    assert reply.status_code == 422


def test_requests_are_counted_with_their_query(client: TestClient, order: Order) -> None:
    before = client.get("/_requests").json()
    order("owid", "unavailable")
    client.get(OWID.replace("BRA", "BRA~RUS"))
    client.get(WORLD_BANK)
    assert client.get("/_requests").json()[len(before) :] == [OWID.replace("BRA", "BRA~RUS"), WORLD_BANK]
