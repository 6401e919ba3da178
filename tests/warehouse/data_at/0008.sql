-- The correction of a figure.
insert into quality.correction_applied (
    load_id, fetch_id, pointer, ref_area, indicator, time_period, correction, action, value_as_published,
    value_before, value_after, status_before, status_after, reason, reference, declared
) values (
    1, 1, 'line 2', 'AAA', 'POP', '2019', 'office-1', 'scale', '100', 100, 0.1, 'A', 'A', 'in thousands',
    'https://office.example/erratum', '{"factor": 0.001}'
);
