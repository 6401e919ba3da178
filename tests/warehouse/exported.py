"""Rows that are hard to export, for the tests of every format."""

import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import IO, Any

from sqlalchemy import Connection, Engine, text

from city_indicators.delivery.exports import Format
from city_indicators.delivery.exports.formats import write
from city_indicators.delivery.exports.tables import choose, reading
from city_indicators.reports.past import store_method
from tests.methods import FIRST

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
"""The time of the exports in the tests."""

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NAN, INF = float("nan"), float("inf")

COLUMNS = (
    *("id", "words", "amount", "unit_measure", "flag", "day", "known_from", "local_time", "tags", "numbers"),
    *("detail", "exact", "source", "place_name_en", "place_name_ru", "place_name_zh"),
)

SPECIMEN = """
create table report.specimen (
    id integer primary key,
    words text not null,
    amount double precision,
    unit_measure text,
    flag boolean not null,
    day date,
    known_from timestamptz,
    local_time timestamp,
    tags text[],
    numbers bigint[],
    detail jsonb,
    exact numeric,
    source text,
    place_name_en text not null,
    place_name_ru text not null,
    place_name_zh text not null
);
comment on table report.specimen is 'Cells that are hard to export.';
comment on column report.specimen.words is 'Anything.';
create table report.specimen_part (
    specimen integer not null references report.specimen,
    part text not null,
    primary key (specimen, part)
);
create view report.specimen_edition as select 'climate_first' as rating, '2022.1' as edition;
create view report.specimen_edition_rating as select *, 'moscow' as ref_area from report.specimen_edition;
"""
SPECIMEN_TABLES = ("specimen", "specimen_part", "specimen_edition", "specimen_edition_rating")


def _row(number: int, words: str, *rest: Any) -> tuple[Any, ...]:
    """A row with `words`, the given cells, and empty cells except for the names."""
    empty: list[Any] = [None, None, False, None, None, None, None, None, None, None, None]
    return (number, words, *rest, *empty[len(rest) :], "Moscow", "Москва", "莫斯科")


MOSCOW_TIME = timezone(timedelta(hours=3))
ROWS: Sequence[tuple[Any, ...]] = (
    _row(
        1,
        '=HYPERLINK("http://x.example","click")',
        *(0.1, "PT", True, date(2024, 2, 29), datetime(2024, 2, 29, 15, 4, 5, 678900, MOSCOW_TIME)),
        *(datetime(2024, 2, 29, 15, 4, 5), ["BRICS", 'with "quotes", and comma'], [1, 2**53 + 1]),
        *({"ключ": [1, None, {"a": "=1"}]}, 1234567890.12, "world_bank"),
    ),
    _row(2, 'a "quoted" word, a comma', NAN, "PT", False, date(1812, 9, 14), None, None, [], [], [1, 2]),
    _row(3, "two\nlines\r\nor three", INF, None, False, None, None, None, None, None, "text"),
    _row(4, "no\u00a0break", -INF, "UG_M3"),
    _row(5, "城市指标", 1e300, None, False, None, NOON, None, ["城市"], None, None, None, "owid_grapher"),
    _row(6, "Городские показатели", -0.5),
    _row(7, ""),
    _row(8, "+7 (495) 777-77-77", 12655050.0),
    _row(9, "-1", 64.21686746987952),
    _row(10, "@SUM(A1)"),
    _row(11, "\ttab"),
    _row(12, "\rreturn"),
    _row(13, "#N/A"),
    _row(14, "'already"),
    _row(15, "NULL"),
    _row(16, " padded "),
    _row(17, "\\."),
    _row(18, "x" * 40_000),
)


def exported(specimens: Engine, name: str, format_: Format, *where: str, language: str = "en") -> io.BytesIO:
    file = io.BytesIO()
    with reading(specimens) as connection:
        write(connection, choose(connection, name, where), format_, language, AT, file)
    file.seek(0)
    return file


def opened(file: IO[bytes]) -> Any:
    """Open an exported workbook."""
    import openpyxl

    return openpyxl.load_workbook(file)


def make(connection: Connection) -> None:
    """Create the specimens, two years of a small rating, and three observations, one of them corrected."""
    connection.exec_driver_sql(SPECIMEN)
    places = ", ".join(f":{name}" for name in COLUMNS).replace(":detail", "cast(:detail as jsonb)")
    insert = text(f"insert into report.specimen ({', '.join(COLUMNS)}) values ({places})")  # noqa: S608
    for row in ROWS:
        cells = dict(zip(COLUMNS, row, strict=True))
        detail = None if cells["detail"] is None else json.dumps(cells["detail"])
        connection.execute(insert, {**cells, "detail": detail})
    store_method(connection, FIRST, NOON)
    connection.exec_driver_sql(RATING)
    connection.exec_driver_sql(OBSERVATIONS)


RATING = """
insert into report.specimen_part values (1, 'a'), (1, 'b'), (2, 'a');
insert into ops.report_refresh (refreshed_at, loads, ratings) values
('2026-01-02 03:04:05+00', 1, 1), ('2026-02-03 04:05:06+00', 1, 1);
insert into report.rating (
    rating, time_period, ref_area, method_version, city_name_en, city_name_ru, city_name_zh, country,
    city_groups, score, rank, n_ranked, coverage, city_level_share, status, reason_code, report_refresh_id
) values
('climate_first', '2022', 'moscow', '1.2', 'Moscow', 'Москва', '莫斯科', 'RUS', '{BRICS}', 64.25, 1, 1, 0.9,
    0.5, 'ranked', null, 1),
('climate_first', '2022', 'beijing', '1.2', 'Beijing', 'Пекин', '北京', 'CHN', '{BRICS}', null, null, 1, 0.1,
    0, 'not_ranked', 'pillar_incomplete:air', 1),
('climate_first', '2021', 'moscow', '1.2', 'Moscow', 'Москва', '莫斯科', 'RUS', '{BRICS}', 60, 1, 1, 0.9,
    0.5, 'ranked', null, 2);
insert into report.rating_pillar values
('climate_first', '2022', 'moscow', 'air', 'Air', 'Воздух', '空气', 0.25, 70.5, 1, 17.625),
('climate_first', '2021', 'moscow', 'air', 'Air', 'Воздух', '空气', 0.25, 71.5, 1, 17.875);
insert into report.rating_pillar
select rating, time_period, ref_area, pillar, pillar, pillar, pillar, 0.375, null, 0, null
from report.rating cross join unnest('{air,energy_sources,energy_consumption}'::text[]) as of_method (pillar)
on conflict do nothing;
insert into report.rating_indicator (
    rating, time_period, ref_area, indicator, pillar, raw_value, unit_measure, raw_time_period, obs_status,
    geo_basis, source, source_ref_area, version, goalpost_worst, goalpost_best, normalised, weight,
    contribution
) values
('climate_first', '2022', 'moscow', 'PM25_EXPOSURE', 'air', 12.5, 'UG_M3', '2020', 'E', 'country',
    'world_bank', 'RUS', 1, 80, 5, 70.5, 0.25, 17.625),
('climate_first', '2021', 'moscow', 'PM25_EXPOSURE', 'air', 12.5, 'UG_M3', '2020', 'E', 'country',
    'owid_grapher', 'RUS', 1, 80, 5, 70.5, 0.25, 17.625);
update report.rating_indicator
set denominator = 'POP_AGGLO', denominator_source = 'un_wup', denominator_source_ref_area = 'moscow'
where time_period = '2021';
"""

OBSERVATIONS = """
insert into archive.snapshot values (repeat('0', 64), 1, 'text/csv');
insert into archive.fetch_event (sha256, source, url, fetched_at)
values (repeat('0', 64), 'world_bank', 'https://x.example', '2026-01-01 11:00:00+00');
insert into ops.load (
    source, dag_id, run_id, interval_start, interval_end, indicators, state, refusals, read_rows,
    accepted_rows, rejected_rows, empty_cells, out_of_scope_rows, validated_at, staged_path
) values (
    'world_bank', 'ingest', 'run', '2020-01-01', '2021-01-01', '{}', 'validated', '{}', 0, 0, 0, 0, 0,
    '2026-01-01 11:30:00+00', ''
);
insert into core.observation_version (
    ref_area, indicator, time_period, source, version, freq, obs_value, unit_measure, obs_status, geo_basis,
    withdrawn, load_id, fetch_id, pointer, known_from
) values
('RUS', 'PM25_EXPOSURE', '2020', 'world_bank', 1, 'A', 12.5, 'UG_M3', 'E', 'country', false, 1, 1, '/1',
    '2026-01-01 12:00:00+00'),
('RUS', 'URB_SHARE', '2020', 'world_bank', 2, 'A', 74.75, 'PT', 'A', 'country', false, 1, 1, '/2',
    '2026-01-01 12:00:00+00'),
('moscow', 'PM25_EXPOSURE', '2020', 'owid_grapher', 1, 'A', 1e-7, 'UG_M3', 'A', 'city', false, 1, 1, '/3',
    '2026-01-01 12:00:00.25+00'),
('CHN', 'URB_SHARE', '2020', 'world_bank', 1, 'A', null, 'PT', 'A', 'country', true, 1, null, null,
    '2026-01-01 12:00:00+00');
insert into core.observation_block (source, indicator, time_period, observations, load_id)
select source, indicator, time_period, count(obs_value), 1
from core.observation_version group by source, indicator, time_period;
insert into core.observation_state
select block_id, ref_area, version, obs_value, unit_measure, obs_status, geo_basis, version.load_id, 1
from core.observation_version as version
inner join core.observation_block using (source, indicator, time_period);
insert into quality.correction_applied (
    load_id, fetch_id, pointer, ref_area, indicator, time_period, correction, action, value_as_published,
    value_before, value_after, reason, reference, declared
) values (
    1, 1, '/2', 'RUS', 'URB_SHARE', '2020', 'c', 'set', '7475', 7475, 74.75, 'The point is lost, "7475"',
    'https://x.example/note', '{}'
);
"""
