-- Grain: indicator. The latest values of a city in the worst third: at least two thirds of the other cities
-- with a value in the same unit do better. Indicators without a better direction are left out; a value that
-- is not the city's own comes last.
with valued as (
    select
        profile.indicator,
        profile.time_period,
        profile.obs_value,
        profile.unit_measure,
        profile.geo_basis,
        catalogue.direction,
        profile.n_ranked - 1 as others,
        profile.rank - 1 as better
    from report.city_profile as profile
    inner join catalog.indicator as catalogue using (indicator)
    where profile.ref_area = :ref_area and profile.rank is not null
)

select
    valued.indicator,
    valued.time_period,
    valued.obs_value,
    valued.unit_measure,
    valued.geo_basis,
    valued.direction,
    valued.others,
    valued.better,
    basis.city_level
from valued
inner join catalog.geo_basis as basis using (geo_basis)
where valued.better * 3 >= valued.others * 2 and valued.better > 0
order by basis.city_level desc, valued.better::double precision / valued.others desc, valued.indicator asc;
