-- Grain: city × other city × indicator with a value in at least one of them.
with beside as (
    select
        city.ref_area, other_city.ref_area as other_ref_area,
        indicator.indicator, indicator.name_en as indicator_name_en,
        indicator.name_ru as indicator_name_ru, indicator.name_zh as indicator_name_zh,
        indicator.pillar, indicator.direction,
        city.name_en as city_name_en, city.name_ru as city_name_ru, city.name_zh as city_name_zh,
        other_city.name_en as other_city_name_en, other_city.name_ru as other_city_name_ru,
        other_city.name_zh as other_city_name_zh,
        one.obs_value, other.obs_value as other_obs_value,
        one.unit_measure, other.unit_measure as other_unit_measure,
        one.time_period, other.time_period as other_time_period,
        one.geo_basis, other.geo_basis as other_geo_basis, one.source, other.source as other_source,
        one.rank, other.rank as other_rank,
        one.trend, other.trend as other_trend, one.slope, other.slope as other_slope,
        case when one.indicator is null then 'no_value' else one.trend_reason end as trend_reason,
        case when other.indicator is null then 'no_value' else other.trend_reason end as other_trend_reason,
        coalesce(one.n_ranked, other.n_ranked) as n_ranked,
        coalesce(one.best_value, other.best_value) as best_value,
        abs(one.obs_value - one.best_value) as distance_to_best,
        abs(other.obs_value - other.best_value) as other_distance_to_best,
        core.incomparable_because(
            one.unit_measure, other.unit_measure, one.geo_basis, other.geo_basis, one.source, other.source,
            one.time_period, other.time_period, one.city_level, other.city_level
        ) as incomparable_because
    from catalog.city as this
    inner join catalog.city as that on this.ref_area <> that.ref_area
    inner join catalog.ref_area as city on this.ref_area = city.ref_area
    inner join catalog.ref_area as other_city on that.ref_area = other_city.ref_area
    cross join catalog.indicator as indicator
    left join core.city_observation as one
        on this.ref_area = one.ref_area and indicator.indicator = one.indicator
    left join core.city_observation as other
        on that.ref_area = other.ref_area and indicator.indicator = other.indicator
    where one.indicator is not null or other.indicator is not null
)

select
    *, cardinality(incomparable_because) = 0 as comparable,
    case when cardinality(incomparable_because) = 0 then obs_value - other_obs_value end as difference
from beside;
