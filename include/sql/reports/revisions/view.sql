-- Grain: version of a figure after its first.
with
change as (
    select
        later.ref_area,
        later.indicator,
        later.time_period,
        later.source,
        later.version,
        earlier.obs_value as value_before,
        later.obs_value as value_after,
        earlier.unit_measure as unit_before,
        later.unit_measure as unit_after,
        earlier.obs_status as status_before,
        later.obs_status as status_after,
        earlier.geo_basis as basis_before,
        later.geo_basis as basis_after,
        earlier.known_from as known_before_from,
        later.known_from,
        later.load_id,
        case
            when later.unit_measure = earlier.unit_measure
                then later.obs_value / nullif(earlier.obs_value, 0) - 1
        end as relative_change
    from core.observation_version as later
    inner join core.observation_version as earlier
        on
            later.indicator = earlier.indicator
            and later.time_period = earlier.time_period
            and later.ref_area = earlier.ref_area
            and later.source = earlier.source
            and later.version = earlier.version + 1
    where later.version > 1
),

figure as (
    select
        rating,
        time_period,
        ref_area,
        source_ref_area,
        indicator,
        raw_time_period,
        source
    from report.rating_indicator
    union all
    select
        rating,
        time_period,
        ref_area,
        denominator_source_ref_area,
        denominator,
        denominator_time_period,
        denominator_source
    from report.rating_indicator
),

used as (
    select
        source_ref_area,
        indicator,
        raw_time_period,
        source,
        array_agg(distinct rating || ' ' || time_period) as ratings,
        array_agg(distinct ref_area) as cities
    from figure
    group by source_ref_area, indicator, raw_time_period, source
)

select
    change.ref_area,
    place.name_en as place_name_en,
    place.name_ru as place_name_ru,
    place.name_zh as place_name_zh,
    change.indicator,
    indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru,
    indicator.name_zh as indicator_name_zh,
    change.time_period,
    change.source,
    change.version,
    change.value_before,
    change.value_after,
    change.unit_before,
    change.unit_after,
    change.status_before,
    change.status_after,
    change.basis_before,
    change.basis_after,
    change.relative_change,
    change.known_before_from,
    change.known_from,
    change.load_id,
    case
        when change.value_after is null then 'withdrawn'
        when change.value_before is null then 'restored'
        when change.unit_after <> change.unit_before then 'unit'
        when change.value_after = change.value_before then 'flag'
        when change.relative_change is null then 'from_zero'
        when abs(change.relative_change) < 0.01 then 'below_1_percent'
        when abs(change.relative_change) < 0.1 then 'below_10_percent'
        else 'above_10_percent'
    end as size_class,
    coalesce(used.ratings, '{}') as ratings_moved,
    coalesce(used.cities, '{}') as cities_moved
from change
inner join catalog.ref_area as place on change.ref_area = place.ref_area
inner join catalog.indicator as indicator on change.indicator = indicator.indicator
left join used
    on
        change.ref_area = used.source_ref_area
        and change.indicator = used.indicator
        and change.time_period = used.raw_time_period
        and change.source = used.source;
