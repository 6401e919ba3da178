-- Grain: place × series. The last year of each series that a source projects, of a place or of an indicator.
select distinct on (observation.indicator, observation.ref_area, observation.source, observation.geo_basis)
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
    and (cast(:ref_area as text) is null or observation.ref_area = :ref_area)
    and (cast(:indicator as text) is null or observation.indicator = :indicator)
order by
    observation.indicator asc,
    observation.ref_area asc,
    observation.source asc,
    observation.geo_basis asc,
    observation.time_period desc;
