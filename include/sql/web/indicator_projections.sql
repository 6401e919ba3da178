-- Grain: place × series. The last year of each series that a source projects of an indicator, of the first
-- places alone: each block gives its first ones, and so all of them the first of all.
with place as (
    select distinct first.ref_area
    from core.observation_block as block
    cross join
        lateral (
            select state.ref_area
            from core.observation_state as state
            where
                state.block_id = block.block_id
                and state.obs_status = 'F'
                and state.obs_value is not null
            order by state.ref_area
            limit :most
        ) as first
    where block.indicator = :indicator
    order by first.ref_area
    limit :most
)

select distinct on (observation.ref_area, observation.source, observation.geo_basis)
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
    and observation.indicator = :indicator
    and observation.ref_area = any(array(select place.ref_area from place))
order by
    observation.ref_area asc,
    observation.source asc,
    observation.geo_basis asc,
    observation.time_period desc
limit :most;
