-- A figure with the source's own number and unit, and a place that no alias names.
insert into core.observation_version (
    ref_area, indicator, time_period, source, version, freq, obs_value, unit_measure, obs_status, geo_basis,
    withdrawn, load_id, fetch_id, pointer, known_from, value_as_published, unit_as_published
) values (
    'BBB', 'POP', '2019', 'office', 3, 'A', 2000, 'PS', 'A', 'country', false, 2, 2, 'line 3',
    '2021-02-02T00:02:00Z', '2', 'thousand'
);
insert into quality.unmatched_place values (2, 'AAA', 'Alfa', 3, '["alpha"]');
