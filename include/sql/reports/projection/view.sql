-- Grain: place × indicator × geographic basis × year × source. Observations of status F; beside each the latest
-- observed one of the same place, indicator, basis, unit and source.
with observed as (
    select distinct on (ref_area, indicator, geo_basis, source, unit_measure)
        ref_area, indicator, geo_basis, source, unit_measure, time_period, obs_value
    from core.observation where obs_status <> 'F' and obs_value is not null
    order by ref_area asc, indicator asc, geo_basis asc, source asc, unit_measure asc, time_period desc
)

select
    said.indicator, indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru, indicator.name_zh as indicator_name_zh,
    said.ref_area,
    place.name_en as place_name_en, place.name_ru as place_name_ru, place.name_zh as place_name_zh,
    said.time_period, said.obs_value, said.unit_measure, said.obs_status, said.geo_basis,
    said.source, source.name as source_name, said.version, said.known_from,
    observed.time_period as last_observed_period, observed.obs_value as last_observed_value,
    said.obs_value - observed.obs_value as difference_to_observed,
    said.obs_value / nullif(observed.obs_value, 0) - 1 as relative_difference
from core.observation as said
inner join catalog.indicator as indicator using (indicator)
inner join catalog.ref_area as place using (ref_area)
inner join catalog.source as source using (source)
left join observed
    on (said.ref_area, said.indicator, said.geo_basis, said.source, said.unit_measure)
        = (observed.ref_area, observed.indicator, observed.geo_basis, observed.source, observed.unit_measure)
where said.obs_status = 'F';
