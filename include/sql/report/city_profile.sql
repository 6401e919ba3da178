-- Grain: city × indicator. Inputs: core.observation, catalog. The latest observed figure of each
-- indicator, the city's own before its country's, with where it comes from, its licence, and the
-- declared correction of it, if any.
insert into report.city_profile
select distinct on (city.ref_area, observation.indicator)
    city.ref_area,
    place.name_en as city_name_en,
    place.name_ru as city_name_ru,
    place.name_zh as city_name_zh,
    city.country,
    observation.indicator,
    indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru,
    indicator.name_zh as indicator_name_zh,
    indicator.pillar,
    observation.time_period,
    observation.obs_value,
    observation.unit_measure,
    observation.obs_status,
    observation.geo_basis,
    observation.source,
    observation.ref_area as source_ref_area,
    observation.version,
    observation.known_from,
    source.publisher,
    source.attribution,
    source.licence,
    source.licence_url,
    told.correction
from catalog.city as city
inner join catalog.ref_area as place on city.ref_area = place.ref_area
inner join core.observation as observation
    on observation.ref_area in (city.ref_area, city.country) and observation.obs_status <> 'F'
inner join catalog.indicator as indicator on observation.indicator = indicator.indicator
inner join catalog.source as source on observation.source = source.source
left join report.corrections as told
    on
        observation.ref_area = told.ref_area
        and observation.indicator = told.indicator
        and observation.time_period = told.time_period
        and observation.source = told.source
        and observation.version = told.version
order by
    city.ref_area asc,
    observation.indicator asc,
    (observation.ref_area = city.ref_area) desc,
    observation.time_period desc,
    source.precedence asc,
    observation.source asc;
