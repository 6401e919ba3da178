-- Grain: series. The last year of each series that a source projects of a place.
select distinct on (observation.indicator, observation.source, observation.geo_basis)
    observation.indicator,
    observation.ref_area,
    observation.time_period,
    observation.obs_value,
    observation.unit_measure,
    observation.geo_basis,
    observation.obs_status,
    observation.source,
    source.publisher
from core.observation_latest as observation
inner join catalog.source as source on observation.source = source.source
where
    observation.obs_status = 'F'
    and observation.obs_value is not null
    and observation.ref_area = :ref_area
order by
    observation.indicator asc,
    observation.source asc,
    observation.geo_basis asc,
    observation.time_period desc;
