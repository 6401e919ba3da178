-- Grain: city. The cities with observed values of an indicator, of their own or of their country, those with
-- most values first, of equal ones the largest.
with counted as (
    select
        state.ref_area,
        count(*) as observations,
        count(*) filter (where basis.city_level) as at_city_level
    from core.observation_block as block
    inner join core.observation_state as state on block.block_id = state.block_id
    inner join catalog.geo_basis as basis on state.geo_basis = basis.geo_basis
    where
        block.indicator = :indicator
        and state.obs_value is not null
        and state.obs_status <> 'F'
    group by state.ref_area
)

select city.ref_area
from catalog.city as city
left join counted as own on city.ref_area = own.ref_area
left join counted as of_country on city.country = of_country.ref_area
left join report.city_profile as people
    on city.ref_area = people.ref_area and people.indicator = 'POP_AGGLO'
where coalesce(own.observations, of_country.observations) is not null
order by
    coalesce(own.at_city_level, 0) + coalesce(of_country.at_city_level, 0) desc,
    coalesce(own.observations, 0) + coalesce(of_country.observations, 0) desc,
    people.obs_value desc nulls last,
    city.ref_area asc;
