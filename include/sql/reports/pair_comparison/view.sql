-- Grain: city × other city × indicator that one of them has a figure of. Two figures are comparable if they
-- have one unit, basis and source, at most three years lie between them, as ratings allow, and both are of
-- the city itself. The trend beside a figure is that of its own series, of one source, basis and unit.
with
-- Of the window with most years.
longest as (
    select distinct on (indicator, ref_area, source, geo_basis, unit_measure)
        indicator,
        ref_area,
        source,
        geo_basis,
        unit_measure,
        trend,
        trend_reason,
        slope
    from report.trend
    order by
        indicator asc, ref_area asc, source asc, geo_basis asc, unit_measure asc, n desc, time_window asc
),

figure as (
    select
        profile.*,
        indicator.direction,
        basis.city_level,
        longest.trend,
        longest.slope,
        case
            when longest.indicator is not null then longest.trend_reason
            when
                exists (
                    select from report.trend as other_series
                    where
                        profile.source_ref_area = other_series.ref_area
                        and profile.indicator = other_series.indicator
                )
                then 'other_series'
            else 'no_observed_figure'
        end as trend_reason,
        case indicator.direction
            when 'higher' then rank() over downwards
            when 'lower' then rank() over upwards
        end as place,
        case when indicator.direction <> 'context' then count(*) over whole end as n_ranked,
        case indicator.direction
            when 'higher' then max(profile.obs_value) over whole
            when 'lower' then min(profile.obs_value) over whole
        end as best_value
    from report.city_profile as profile
    inner join catalog.indicator as indicator on profile.indicator = indicator.indicator
    inner join catalog.geo_basis as basis on profile.geo_basis = basis.geo_basis
    left join longest
        on
            profile.source_ref_area = longest.ref_area
            and profile.indicator = longest.indicator
            and profile.source = longest.source
            and profile.geo_basis = longest.geo_basis
            and profile.unit_measure = longest.unit_measure
    window
        whole as (partition by profile.indicator, profile.unit_measure),
        downwards as (partition by profile.indicator, profile.unit_measure order by profile.obs_value desc),
        upwards as (partition by profile.indicator, profile.unit_measure order by profile.obs_value asc)
),

pair as (
    select
        one.ref_area,
        other.ref_area as other_ref_area,
        indicator.indicator,
        indicator.name_en as indicator_name_en,
        indicator.name_ru as indicator_name_ru,
        indicator.name_zh as indicator_name_zh,
        indicator.pillar,
        indicator.direction
    from catalog.city as one
    inner join catalog.city as other on one.ref_area <> other.ref_area
    cross join catalog.indicator as indicator
),

beside as (
    select
        pair.*,
        one_city.name_en as city_name_en,
        one_city.name_ru as city_name_ru,
        one_city.name_zh as city_name_zh,
        other_city.name_en as other_city_name_en,
        other_city.name_ru as other_city_name_ru,
        other_city.name_zh as other_city_name_zh,
        one.obs_value,
        other.obs_value as other_obs_value,
        one.unit_measure,
        other.unit_measure as other_unit_measure,
        one.time_period,
        other.time_period as other_time_period,
        one.geo_basis,
        other.geo_basis as other_geo_basis,
        one.source,
        other.source as other_source,
        one.place as rank,
        other.place as other_rank,
        one.trend,
        other.trend as other_trend,
        one.slope,
        other.slope as other_slope,
        case when one.indicator is null then 'no_figure' else one.trend_reason end as trend_reason,
        case when other.indicator is null then 'no_figure' else other.trend_reason end as other_trend_reason,
        coalesce(one.n_ranked, other.n_ranked) as n_ranked,
        coalesce(one.best_value, other.best_value) as best_value,
        abs(one.obs_value - one.best_value) as distance_to_best,
        abs(other.obs_value - other.best_value) as other_distance_to_best,
        array_remove(
            array[
                case when one.indicator is null or other.indicator is null then 'no_figure' end,
                case when one.unit_measure <> other.unit_measure then 'other_unit' end,
                case when one.geo_basis <> other.geo_basis then 'other_basis' end,
                case when one.source <> other.source then 'other_source' end,
                case
                    when abs(one.time_period::integer - other.time_period::integer) > 3 then 'years_apart'
                end,
                case when not (one.city_level and other.city_level) then 'not_city_level' end
            ],
            null
        ) as incomparable_because
    from pair
    inner join catalog.ref_area as one_city on pair.ref_area = one_city.ref_area
    inner join catalog.ref_area as other_city on pair.other_ref_area = other_city.ref_area
    left join figure as one on pair.ref_area = one.ref_area and pair.indicator = one.indicator
    left join figure as other on pair.other_ref_area = other.ref_area and pair.indicator = other.indicator
    where one.indicator is not null or other.indicator is not null
)

select
    beside.*,
    cardinality(beside.incomparable_because) = 0 as comparable,
    case
        when cardinality(beside.incomparable_because) = 0 then beside.obs_value - beside.other_obs_value
    end as difference
from beside;
