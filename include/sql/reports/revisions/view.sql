-- Grain: version of an observation after its first. Compares it with the version before.
with change as (
    select
        later.*, earlier.obs_value as value_before, earlier.unit_measure as unit_before,
        earlier.obs_status as status_before, earlier.geo_basis as basis_before,
        earlier.known_from as known_before_from,
        case
            when later.unit_measure = earlier.unit_measure
                then later.obs_value / nullif(earlier.obs_value, 0) - 1
        end as relative_change
    from core.observation_version as later
    inner join core.observation_version as earlier using (indicator, time_period, ref_area, source)
    where later.version = earlier.version + 1 and later.version > 1
),

used as (
    select
        source_ref_area as ref_area, indicator, raw_time_period as time_period, source,
        array_agg(distinct rating || ' ' || time_period) as ratings, array_agg(distinct ref_area) as cities
    from core.rating_observation group by source_ref_area, indicator, raw_time_period, source
)

select
    change.ref_area,
    place.name_en as place_name_en, place.name_ru as place_name_ru, place.name_zh as place_name_zh,
    change.indicator, indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru, indicator.name_zh as indicator_name_zh,
    change.time_period, change.source, change.version,
    change.value_before, change.obs_value as value_after,
    change.unit_before, change.unit_measure as unit_after, change.status_before,
    change.obs_status as status_after, change.basis_before, change.geo_basis as basis_after,
    change.relative_change, change.known_before_from, change.known_from, change.load_id,
    case
        when change.obs_value is null then 'withdrawn'
        when change.value_before is null then 'restored'
        when change.unit_measure <> change.unit_before then 'unit'
        when change.obs_value = change.value_before then 'flag'
        when change.relative_change is null then 'from_zero'
        when abs(change.relative_change) < 0.01 then 'below_1_percent'
        when abs(change.relative_change) < 0.1 then 'below_10_percent'
        else 'above_10_percent'
    end as change_class,
    coalesce(used.ratings, '{}') as ratings_moved, coalesce(used.cities, '{}') as cities_moved
from change
inner join catalog.ref_area as place using (ref_area)
inner join catalog.indicator as indicator using (indicator)
left join used using (ref_area, indicator, time_period, source);
