-- A best-practice case and a row that was refused beside it.
insert into ops.case_load (
    dag_id, run_id, url, sha256, received_at, read_rows, accepted_rows, rejected_rows, added, revised, unchanged,
    published_at
) values (
    'receive_cases', 'one', 'file:///cases.csv', repeat('a', 64), '2021-05-01T00:00:00Z', 2, 1, 1, 1, 0, 0,
    '2021-05-01T00:01:00Z'
);
insert into quality.rejected_case values (1, 3, null, 'no_link', 'no link', 'x');
insert into core.case_version (
    case_id, version, city, country, ref_area, name_en, sdgs, criteria, start_year, indicator, links,
    evidence_links, case_load_id, row_number, known_from
) values (
    'c-1', 1, 'Alpha', 'AAA', 'alpha', 'Case', '{11}', '{}', 2019, 'POP', '{https://case.example}', '{}', 1, 2,
    '2021-05-01T00:01:00Z'
);
