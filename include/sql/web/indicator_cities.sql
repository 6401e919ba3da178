-- Grain: city. Of the largest cities with a latest value of an indicator, those with their own first, the
-- cities with most observed values, of their own or of their country.
with latest as (
    select
        profile.ref_area,
        people.obs_value as people
    from report.city_profile as profile
    inner join catalog.geo_basis as basis on profile.geo_basis = basis.geo_basis
    left join report.city_profile as people
        on profile.ref_area = people.ref_area and people.indicator = 'POP_AGGLO'
    where profile.indicator = :indicator
    order by basis.city_level desc, people.obs_value desc nulls last, profile.ref_area asc
    limit :among
),

place as (
    select
        latest.ref_area as city,
        latest.people,
        unnest(array[latest.ref_area, city.country]) as ref_area
    from latest
    inner join catalog.city as city on latest.ref_area = city.ref_area
),

counted as (
    select
        state.ref_area,
        count(*) as observations,
        count(*) filter (where basis.city_level) as at_city_level
    from core.observation_block as block
    inner join core.observation_state as state on block.block_id = state.block_id
    inner join catalog.geo_basis as basis on state.geo_basis = basis.geo_basis
    where
        block.indicator = :indicator
        and state.ref_area = any(array(select place.ref_area from place))
        and state.obs_value is not null
        and state.obs_status <> 'F'
    group by state.ref_area
)

select place.city as ref_area
from place
left join counted on place.ref_area = counted.ref_area
group by place.city, place.people
order by
    coalesce(sum(counted.at_city_level), 0) desc,
    coalesce(sum(counted.observations), 0) desc,
    place.people desc nulls last,
    place.city asc
limit :most;
