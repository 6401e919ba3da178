"""The API for programs: every table in every format as SQL has it, page by page."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pyarrow as pa
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, create_engine, text

from city_indicators.delivery.exports import tables
from city_indicators.delivery.web.api import routes
from city_indicators.delivery.web.api.routes import PREFIX as API
from city_indicators.delivery.web.api.tables import MOST_ROWS
from standalone.postgres import Server
from tests.warehouse.pages import PREFIX, pages
from tests.warehouse.site import MOSCOW, Site, opened
from tests.warehouse.test_exports import as_csv

EDITION = "editions/climate_first/2019.1"
OF_MOSCOW = "'rating', 'climate_first', 'time_period', '2019', 'ref_area', 'moscow'"
KEYS = {
    "observations": ("core.observation", "indicator, time_period, source, ref_area"),
    "ratings": ("report.rating", "rating, time_period, ref_area"),
    "ratings/pillars": ("report.rating_pillar", "rating, time_period, ref_area, pillar"),
    "ratings/indicators": ("report.rating_indicator", "rating, time_period, ref_area, indicator"),
    "editions": ("report.edition", "rating, edition"),
    f"{EDITION}/ratings": ("report.edition_rating", "rating, edition, ref_area"),
    f"{EDITION}/pillars": ("report.edition_rating_pillar", "rating, edition, ref_area, pillar"),
    f"{EDITION}/indicators": ("report.edition_rating_indicator", "rating, edition, ref_area, indicator"),
    f"{EDITION}/megatrends": (
        "report.edition_megatrend",
        "rating, edition, megatrend, city_group, level, time_window",
    ),
    f"{EDITION}/names": ("report.edition_name", "rating, edition, code_list, code"),
    f"{EDITION}/sources": ("report.edition_source", "rating, edition, source"),
    f"lineage/rating?{MOSCOW}": (
        f"report.lineage('rating', jsonb_build_object({OF_MOSCOW}))",
        "indicator, time_period, source, ref_area",
    ),
}
"""The table of each address, and the columns by which its pages are ordered."""
CHANGE = """
insert into core.observation_state
select block_id, unnest('{AAA,CHM,ZZZ}'::text[]), 1, 1, unit_measure, obs_status, geo_basis, load_id, fetch_id
from core.observation_state where ref_area = 'CHN';
delete from core.observation_state where ref_area = 'ARE';
"""
"""Places before, amid and after the first page come, and the first place goes."""
REFRESH = """
insert into ops.report_refresh (refreshed_at, loads, ratings) values ('2026-02-03 04:05:06+00', 1, 1)
"""


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with opened(server, tmp_path_factory.mktemp("api")) as made:
        yield made


def stored(site: Site, address: str) -> list[dict[str, Any]]:
    """The rows as SQL has them."""
    table, order = KEYS[address]
    engine = create_engine(site.url)
    with engine.connect() as connection:
        connection.exec_driver_sql("set time zone 'UTC'")
        found = connection.execute(text(f"select * from {table} order by {order}"))  # noqa: S608
        result = [dict(row) for row in found.mappings()]
    engine.dispose()
    return result


def get(site: Site, address: str, status: int = 200, accept: str = "*/*") -> Any:
    answer = site.get(f"{API}/{address}", Accept=accept)
    assert answer.status_code == status, answer.text
    return answer


def with_format(address: str, name: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}format={name}"


@pytest.mark.parametrize("address", KEYS)
def test_json_has_the_rows_of_the_table(site: Site, address: str) -> None:
    expected = [
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
        for row in stored(site, address)
    ]
    assert expected
    assert get(site, address).json() == {"data": expected, "next": None}


@pytest.mark.parametrize("address", KEYS)
def test_csv_has_the_rows_of_the_table(site: Site, address: str) -> None:
    answer = get(site, with_format(address, "csv"))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    expected = stored(site, address)
    read = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert len(read) == len(expected)
    for cells, row in zip(read, expected, strict=True):
        assert list(cells) == list(row)
        for column, value in row.items():
            if isinstance(value, list):
                assert cells[column] == as_csv(value).replace("'", '"'), column
            elif isinstance(value, float):
                assert float(cells[column]) == value, column
            else:
                assert cells[column] == as_csv(value), column


@pytest.mark.parametrize("address", KEYS)
def test_arrow_has_the_rows_of_the_table_with_their_types(site: Site, address: str) -> None:
    answer = get(site, with_format(address, "arrow"))
    assert answer.headers["content-type"] == "application/vnd.apache.arrow.stream"
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.to_pylist() == stored(site, address)
    for name, expected in {"known_from": pa.timestamp("us", tz="UTC"), "score": pa.float64()}.items():
        if name in table.column_names:
            assert table.schema.field(name).type == expected


def test_an_empty_table_keeps_its_columns(site: Site) -> None:
    nothing = "ratings?time_period=1900"
    assert get(site, nothing).json() == {"data": [], "next": None}
    table = pa.ipc.open_stream(get(site, with_format(nothing, "arrow")).content).read_all()
    assert table.num_rows == 0
    assert get(site, with_format(nothing, "csv")).text == ",".join(table.column_names) + "\n"


def test_filters_keep_the_rows_that_equal_every_value(site: Site) -> None:
    found = get(site, "observations?ref_area=RUS&obs_value=55000").json()["data"]
    assert [(row["source"], row["obs_value"]) for row in found] == [("world_bank", 55000)]
    assert get(site, "ratings?status=ranked&rank=1").json()["data"][0]["ref_area"] == "abu-dhabi"


@pytest.mark.parametrize("limit", [1, 5, 12, 13, 14])
@pytest.mark.parametrize("format_", ["json", "csv"])
def test_cursors_lead_through_all_rows_once(site: Site, limit: int, format_: str) -> None:
    expected = [(row["ref_area"], row["source"]) for row in stored(site, "observations")]
    assert len(expected) == 13
    found = []
    address = f"http://ui{PREFIX}{API}/observations?freq=A&format={format_}&limit={limit}"
    for _ in range(-(-13 // limit)):
        answer = site.client.get(address)
        page = answer.json()["data"] if format_ == "json" else list(csv.DictReader(io.StringIO(answer.text)))
        assert len(page) <= limit
        found += [(row["ref_area"], row["source"]) for row in page]
        link = answer.links.get("next")
        if format_ == "json":
            assert answer.json()["next"] == (link and link["url"])
        address = urljoin(address, link["url"]) if link else ""
    assert found == expected
    assert address == ""


def test_rows_that_come_and_go_move_no_others_to_another_page(server: Server, tmp_path: Path) -> None:
    with opened(server, tmp_path) as site:
        before = [(row["ref_area"], row["source"]) for row in stored(site, "observations")]
        page = get(site, "observations?limit=4").json()
        found = [(row["ref_area"], row["source"]) for row in page["data"]]
        assert found == before[:4]
        engine = create_engine(site.url)
        with engine.begin() as connection:
            connection.exec_driver_sql(CHANGE)
        engine.dispose()
        while page["next"]:
            page = get(site, f"observations{page['next']}").json()
            found += [(row["ref_area"], row["source"]) for row in page["data"]]
        came = [each for each in found if each not in before]
        assert [each for each in found if each not in came] == before
        assert {place for place, _ in came} == {"ZZZ", "CHM"}
        assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("address", "status", "error", "says"),
    [
        ("observations?colour=red", 422, "ExportError", "no column 'colour'. use one of ref_area, indicator"),
        (
            "observations?obs_value=high",
            422,
            "ExportError",
            "holds a number, and 'high' is none. write it as",
        ),
        ("observations?source=a%00b", 422, "ExportError", "is no condition"),
        (
            "observations?source=a&source=b",
            422,
            "ParameterError",
            "'source' is given more than once. request",
        ),
        (
            "observations?limit=0",
            422,
            "ParameterError",
            "greater than or equal to 1. see /api/v1/openapi.json",
        ),
        (f"observations?limit={MOST_ROWS + 1}", 422, "ParameterError", f"less than or equal to {MOST_ROWS}"),
        ("observations?limit=many", 422, "ParameterError", "limit: Input should be a valid integer"),
        (
            "observations?format=xlsx",
            422,
            "ParameterError",
            "format: Input should be 'json', 'csv' or 'arrow'",
        ),
        ("observations?cursor=next", 422, "CursorError", "'next' is no cursor of its pages. take `next`"),
        ("observations?cursor=W10", 422, "CursorError", "begin without a cursor"),
        (
            "editions/climate_first/2019.2/ratings",
            404,
            "UnknownExportError",
            "no edition 2019.2 of climate_first",
        ),
        (f"{EDITION}/ratings?edition=2019.2", 422, "ParameterError", "'edition' is given more than once"),
        (
            "lineage/rating?rating=climate_first",
            404,
            "UnknownExportError",
            "needs the key {rating,time_period",
        ),
        ("lineage/nothing?rating=climate_first", 404, "UnknownExportError", "not a table with lineage"),
        (f"lineage/rating?{MOSCOW}0", 404, "UnknownExportError", "no observation was used for"),
    ],
)
def test_errors_say_what_is_wrong_and_what_to_do(
    site: Site, address: str, status: int, error: str, says: str
) -> None:
    answer = get(site, address, status, accept="text/html")
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["error"] == error
    assert says in f"{body['detail']}. {body['next_step']}"
    assert body["next_step"]
    assert "Traceback" not in answer.text
    assert "etag" not in answer.headers


def test_a_cursor_of_another_table_is_refused(site: Site) -> None:
    following = get(site, "ratings/pillars?limit=1").json()["next"]
    # Keys of both tables have four columns.
    assert get(site, f"ratings/indicators{following}", 422).json()["error"] == "CursorError"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("application/json;q=0.1, text/*", "text/csv"),
        ("application/vnd.apache.arrow.stream, */*;q=0.1", "application/vnd.apache.arrow.stream"),
        ("text/html, application/xml;q=0.9", "application/json"),
    ],
)
def test_the_header_accept_chooses_the_format_of_the_same_address(site: Site, accept: str, kind: str) -> None:
    answer = get(site, "editions", accept=accept)
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize("accept", ["application/xml", "text/csv;q=0", "text/csv;q=x"])
def test_another_format_is_not_acceptable(site: Site, accept: str) -> None:
    body = get(site, "editions", 406, accept=accept).json()
    assert body["error"] == "FormatError"
    assert body["next_step"].endswith("or add format=json|csv|arrow")


def test_an_answer_is_not_sent_again_until_the_warehouse_changes(server: Server, tmp_path: Path) -> None:
    with opened(server, tmp_path) as site:
        tag = get(site, "ratings").headers["etag"]
        again = site.get(f"{API}/ratings", **{"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        engine = create_engine(site.url)
        with engine.begin() as connection:
            connection.exec_driver_sql(REFRESH)
        engine.dispose()
        changed = site.get(f"{API}/ratings", **{"If-None-Match": tag})
        assert changed.status_code == 200
        assert changed.headers["etag"] != tag
        # The state of an archived file changes without a refresh.
        assert "etag" not in get(site, f"lineage/rating?{MOSCOW}").headers


def test_a_statement_may_take_no_longer_than_a_readers(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[Any] = []

    def read(connection: Connection) -> Any:
        limits.append(connection.exec_driver_sql("show statement_timeout").scalar())
        return tables.report_tables(connection)

    monkeypatch.setattr(tables, "_tables", lambda connection, _name: [read(connection)["rating"]])
    get(site, "ratings")
    assert limits == ["1min"]
    monkeypatch.undo()
    monkeypatch.setattr(routes, "SECONDS", 1)
    engine = create_engine(site.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("lock table report.rating in access exclusive mode")
        body = get(site, "ratings", 504).json()
    engine.dispose()
    assert (body["error"], "1 seconds" in body["detail"]) == ("TooLongError", True)
    assert "download an export" in body["next_step"]


@pytest.mark.parametrize("address", [*KEYS, "openapi.json", "sdmx/3/structure/dataflow"])
def test_no_route_without_a_login(site: Site, address: str, tmp_path: Path) -> None:
    stranger = TestClient(pages(site.url, tmp_path))
    answer = stranger.get(f"{API}/{address}")
    assert (answer.status_code, list(answer.json())) == (401, ["detail"])
