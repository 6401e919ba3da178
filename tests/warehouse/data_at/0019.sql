-- The products of the research.
insert into report.trend (
    indicator, indicator_name_en, indicator_name_ru, indicator_name_zh,
    ref_area, place_name_en, place_name_ru, place_name_zh,
    time_window, window_name_en, window_name_ru, window_name_zh,
    unit_measure, geo_basis, source, n, first_year, last_year, first_value, last_value, projections, estimated,
    is_short, is_even, cagr, log_growth, slope_reason, trend_reason, break_reason
) values (
    'POP', 'Population', 'Население', '人口', 'AAA', 'Land', 'Страна', '国', 'all', 'All years', 'Все годы', '全部',
    'PS', 'country', 'office', 3, 2017, 2019, 1, 1.21, 0, 1, true, true, 0.1, 0.0953, 'too_short', 'too_short',
    'too_short'
);
insert into report.convergence (
    indicator, indicator_name_en, indicator_name_ru, indicator_name_zh,
    city_group, group_name_en, group_name_ru, group_name_zh, level,
    time_window, window_name_en, window_name_ru, window_name_zh,
    first_year, last_year, years, places, places_left_out, sigma_reason, beta_reason, inequality_reason, rank_reason
) values (
    'POP', 'Population', 'Население', '人口', 'G', 'Group', 'Группа', '组', 'country', 'all', 'All years', 'Все годы',
    '全部', 2017, 2019, 3, 2, 0, 'too_few_years', 'too_few_places', 'too_few_places', 'too_few_places'
);
insert into report.city_system (
    indicator, indicator_name_en, indicator_name_ru, indicator_name_zh,
    city_group, group_name_en, group_name_ru, group_name_zh, level, time_period, places, total, gini, zipf_reason
) values (
    'POP', 'Population', 'Население', '人口', 'G', 'Group', 'Группа', '组', 'country', '2019', 3, 6, 0.2,
    'too_few_places'
);
insert into report.city_peer values
('alpha', 'Alpha', 'Альфа', '甲', 'beta', 'Beta', 'Бета', '乙', 1, 0.25, '{climate_class,POP}');
insert into report.megatrend values (
    'growth', 'Growth', 'Рост', '增长', 'demography', 'Demography', 'Демография', '人口', true,
    'G', 'Group', 'Группа', '组', 'country', 'all', 'All years', 'Все годы', '全部',
    '{POP}', 3, 1, 1, 0, 0.333, 1, 'confirmed', null, '{AAA}', '{}', '{one}'
);
