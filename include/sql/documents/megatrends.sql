-- Grain: megatrend × group × level × window. The megatrends of an edition; none if it is older than they are.
select
    megatrend,
    megatrend_name_en,
    megatrend_name_ru,
    megatrend_name_zh,
    megatrend_direction,
    direction_name_en,
    direction_name_ru,
    direction_name_zh,
    city_group,
    group_name_en,
    group_name_ru,
    group_name_zh,
    level,
    time_window,
    window_name_en,
    window_name_ru,
    window_name_zh,
    places_of_group,
    places_assessed,
    places_for,
    places_against,
    verdict,
    verdict_reason
from report.edition_megatrend
where rating = :rating and edition = :edition;
