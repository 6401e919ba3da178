-- An edition, and what today's data would make of it.
insert into report.edition_rating values
(
    '2019.1', 'r', '2019', 'alpha', '1', 'Alpha', 'Альфа', '甲', 'AAA', '{G}', 12.5, 1, 1, 1, 0, 'ranked', null
);
insert into report.edition_rating_pillar values
('2019.1', 'r', '2019', 'alpha', 'population', 'Population', 'Население', '人口', 1, 12.5, 1, 12.5);
insert into report.edition_rating_indicator values
(
    '2019.1', 'r', '2019', 'alpha', 'POP', 'population', 0.1, 'PS', '2019', 'A', 'country', 'office', 'AAA', 1, 0,
    10, 0.01, 1, 12.5, null
);
insert into report.edition values
(
    'r', '2019.1', '2019', 'First', '1', 1, '2021-01-02T00:00:00Z', 7, 1, 'anna', '2021-01-03T00:00:00Z', 'First (2021)',
    repeat('c', 64)
);
insert into report.edition_diff values
(
    'r', '2019.1', '2019', 'alpha', 'Alpha', 'Альфа', '甲', 12.5, 13, 0.5, 0, 0, 0, null, null, 1, 1, '1',
    '2021-01-04T00:00:00Z'
);
