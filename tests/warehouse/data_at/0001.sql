-- A load of two countries' figures, one of them revised by a second load and one withdrawn, and a refused
-- third: in the columns of migration 0001. Places and figures are made up.
insert into catalog.unit values ('PS', 'persons', 'человек', '人');
insert into catalog.indicator values (
    'POP', 'Population', 'Население', '人口', 'People.', 'PS', 'context', 'population', 'A', 0, 1e10
);
insert into catalog.source values (
    'office', 'Office', 'An office', 'https://office.example', 'CC-BY-4.0', 'https://licence.example', 'Office'
);
insert into catalog.ref_area values
('AAA', 'country', 'Aland', 'Аланд', '甲国'),
('BBB', 'country', 'Beland', 'Беланд', '乙国'),
('alpha', 'city', 'Alpha', 'Альфа', '甲');
insert into catalog.country values ('AAA', 'AA', '001'), ('BBB', 'BB', '002');
insert into catalog.city values ('alpha', 'AAA', 1, 'Q1', 'AAALP', 1.5, -2.25, 'Etc/UTC', 'Dfb');
insert into catalog.city_group values ('G', 'Group', 'Группа', '集团');
insert into catalog.city_group_member values ('G', 'AAA', '2001-01-01', null), ('G', 'BBB', '2001-01-01', '2020-12-31');

insert into archive.snapshot values (repeat('a', 64), 120, 'text/csv'), (repeat('b', 64), 80, 'text/csv');
insert into archive.fetch_event (sha256, source, url, fetched_at, etag) values
(repeat('a', 64), 'office', 'https://office.example/2019', '2021-01-01T00:00:00Z', '"1"'),
(repeat('b', 64), 'office', 'https://office.example/2019', '2021-02-01T00:00:00Z', '"2"'),
(repeat('b', 64), 'office', 'https://office.example/2019', '2021-03-01T00:00:00Z', '"2"');

insert into ops.report_refresh (refreshed_at, loads, ratings) values ('2021-01-02T00:00:00Z', 1, 1);
insert into ops.load (
    source, dag_id, run_id, interval_start, interval_end, indicators, state, refusals, read_rows, accepted_rows,
    rejected_rows, empty_cells, out_of_scope_rows, validated_at, staged_path, published_at, added, revised,
    withdrawn, unchanged, outdated, report_refresh_id
) values
(
    'office', 'ingest_office', 'one', '2019-01-01', '2020-01-01', '{POP}', 'published', '{}', 2, 2, 0, 1, 3,
    '2021-01-01T00:01:00Z', 'one.parquet', '2021-01-01T00:02:00Z', 2, 0, 0, 0, 0, 1
),
(
    'office', 'ingest_office', 'two', '2019-01-01', '2020-01-01', '{POP}', 'published', '{}', 2, 1, 1, 0, 0,
    '2021-02-01T00:01:00Z', 'two.parquet', '2021-02-01T00:02:00Z', 0, 1, 1, 0, 0, null
),
(
    'office', 'ingest_office', 'three', '2019-01-01', '2020-01-01', '{POP}', 'refused', '{too_few}', 0, 0, 0, 9,
    0, '2021-03-01T00:01:00Z', 'three.parquet', null, null, null, null, null, null, null
);
insert into ops.load_fetch values (1, 1), (2, 2), (3, 3);

insert into quality.validation (load_id, suite, success, evaluated, failed, validated_at, result) values
(1, 'rows', true, 4, 0, '2021-01-01T00:01:00Z', '{"success": true}'),
(2, 'rows', false, 4, 1, '2021-02-01T00:01:00Z', '{"success": false}');
insert into quality.rejected_row (
    load_id, source, fetch_id, pointer, ref_area, indicator, time_period, value_as_published, rule, reason, raw_row
) values (2, 'office', 2, 'line 3', null, 'POP', '2019', '-5', 'in_range', 'below 0', 'Nowhere,-5');

insert into core.observation_version (
    ref_area, indicator, time_period, source, version, freq, obs_value, unit_measure, obs_status, geo_basis,
    withdrawn, load_id, fetch_id, pointer, known_from
) values
(
    'AAA', 'POP', '2019', 'office', 1, 'A', 0.1, 'PS', 'A', 'country', false, 1, 1, 'line 2',
    '2021-01-01T00:02:00Z'
),
(
    'BBB', 'POP', '2019', 'office', 1, 'A', 1234567.891, 'PS', 'E', 'country', false, 1, 1, 'line 3',
    '2021-01-01T00:02:00Z'
),
(
    'AAA', 'POP', '2019', 'office', 2, 'A', 0.30000000000000004, 'PS', 'A', 'country', false, 2, 2, 'line 2',
    '2021-02-01T00:02:00Z'
),
(
    'BBB', 'POP', '2019', 'office', 2, 'A', null, 'PS', 'E', 'country', true, 2, null, null,
    '2021-02-01T00:02:00Z'
);
insert into core.observation_state values
(
    'AAA', 'POP', '2019', 'office', 2, 'A', 0.30000000000000004, 'PS', 'A', 'country', false, 2, 2,
    '2021-02-01T00:00:00Z', '2021-02-01T00:02:00Z'
),
(
    'BBB', 'POP', '2019', 'office', 2, 'A', null, 'PS', 'E', 'country', true, 2, null,
    '2021-02-01T00:00:00Z', '2021-02-01T00:02:00Z'
);
