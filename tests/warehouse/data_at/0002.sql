-- Report tables over the figures of 0001.sql.
insert into report.rating values
(
    'r', '2019', 'alpha', '1', 'Alpha', 'Альфа', '甲', 'AAA', '{G}', 12.5, null, 0, 0.25, 0, 'not_ranked',
    'too_few_indicators', 1
);
insert into report.rating_pillar values
('r', '2019', 'alpha', 'population', 'Population', 'Население', '人口', 0.5, 12.5, 0.25, 6.25);
insert into report.rating_indicator values
(
    'r', '2019', 'alpha', 'POP', 'population', 0.1, 'PS', '2019', 'A', 'country', 'office', 'AAA', 1, 0, 10,
    0.01, 0.5, 0.005
);
insert into report.city_profile values
(
    'alpha', 'Alpha', 'Альфа', '甲', 'AAA', 'POP', 'Population', 'Население', '人口', 'population', '2019',
    0.1, 'PS', 'A', 'country', 'office', 'AAA', 1, '2021-01-01T00:02:00Z', 'An office', 'Office', 'CC-BY-4.0',
    'https://licence.example'
);
insert into report.data_coverage values ('POP', '2019', 'office', 'country', 2, 1, 1);
