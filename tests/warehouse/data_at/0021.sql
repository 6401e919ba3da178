-- Words of cases, and what figures say of one.
insert into catalog.case_term values ('statuses', 'ongoing', 1, 'Ongoing', 'Продолжается', '进行中');
insert into report.case_evidence (
    case_id, version, ref_area, city_name_en, city_name_ru, city_name_zh,
    indicator, indicator_name_en, indicator_name_ru, indicator_name_zh,
    direction, start_year, other_cases, years_before, years_after, estimated, coverage, peers, peer_cities,
    verdict, verdict_reason
) values (
    'one', 1, 'alpha', 'Alpha', 'Альфа', '甲', 'POP', 'Population', 'Население', '人口',
    'context', 2015, '{}', 0, 0, 0, 0, 0, '{}', 'too_little_data', 'no_observed_figure'
);
