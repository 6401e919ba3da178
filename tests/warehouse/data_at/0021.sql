-- A word of the cases, and the evidence of one.
insert into catalog.case_term values ('criteria', 'innovation', 1, 'Innovation', 'Новизна', '创新');
insert into report.case_evidence (
    case_id, version, ref_area, city_name_en, city_name_ru, city_name_zh,
    indicator, indicator_name_en, indicator_name_ru, indicator_name_zh, direction, start_year, other_cases,
    years_before, years_after, estimated, coverage, peers, peer_cities, verdict, verdict_reason, gap_reason
) values (
    'c-1', 1, 'alpha', 'Alpha', 'Альфа', '甲', 'POP', 'Population', 'Население', '人口', 'up', 2019, '{}',
    2, 0, 0, 0.5, 1, '{beta}', 'too_little_data', 'too_few_years', 'too_few_years'
);
