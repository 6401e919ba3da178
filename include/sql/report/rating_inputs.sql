-- Grain: city × year × indicator. The figure a rating uses: the city's own before its country's,
-- then of the source that goes before others, then the latest within so many years, observed (no
-- projections), in the indicator's unit.
select distinct on (city.ref_area, target.time_period, observation.indicator)
    city.ref_area,
    target.time_period,
    observation.indicator,
    observation.obs_value,
    observation.unit_measure,
    observation.time_period as raw_time_period,
    observation.obs_status,
    observation.geo_basis,
    observation.source,
    observation.ref_area as source_ref_area,
    observation.version
from catalog.city as city
cross join unnest(cast(:periods as text[])) as target (time_period)
inner join core.observation as observation
    on
        observation.ref_area in (city.ref_area, city.country)
        and observation.indicator = any(:indicators)
        and target.time_period >= observation.time_period
        and observation.time_period >= (target.time_period::integer - :max_age)::text
        and observation.obs_status <> 'F'
inner join catalog.indicator as indicator
    on
        observation.indicator = indicator.indicator
        and observation.unit_measure = indicator.unit_measure
inner join catalog.source as source on observation.source = source.source
order by
    city.ref_area asc,
    target.time_period asc,
    observation.indicator asc,
    (observation.ref_area = city.ref_area) desc,
    source.precedence asc,
    observation.time_period desc,
    observation.source asc;
