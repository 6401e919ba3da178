-- Grain: place × indicator × geographic basis × year × source. Projections (status F), each with the latest
-- observed value of the same place, indicator, basis, unit and source.
with observed as (
    select distinct on (ref_area, indicator, geo_basis, source, unit_measure)
        ref_area, indicator, geo_basis, source, unit_measure, time_period, obs_value
    from core.observation where obs_status <> 'F' and obs_value is not null
    order by ref_area asc, indicator asc, geo_basis asc, source asc, unit_measure asc, time_period desc
)

select
    projected.indicator, indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru, indicator.name_zh as indicator_name_zh,
    projected.ref_area,
    place.name_en as place_name_en, place.name_ru as place_name_ru, place.name_zh as place_name_zh,
    projected.time_period, projected.obs_value, projected.unit_measure,
    projected.obs_status, projected.geo_basis,
    projected.source, source.name as source_name, projected.version, projected.known_from,
    observed.time_period as last_observed_period, observed.obs_value as last_observed_value,
    projected.obs_value - observed.obs_value as difference_to_observed,
    projected.obs_value / nullif(observed.obs_value, 0) - 1 as relative_difference
from core.observation as projected
inner join catalog.indicator as indicator using (indicator)
inner join catalog.ref_area as place using (ref_area)
inner join catalog.source as source using (source)
left join observed
    on (observed.ref_area, observed.indicator, observed.geo_basis, observed.source, observed.unit_measure)
        = (
            projected.ref_area, projected.indicator, projected.geo_basis, projected.source,
            projected.unit_measure
        )
where projected.obs_status = 'F';
