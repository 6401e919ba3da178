-- Grain: indicator × status × geographic basis × year × source. How many cities have such a latest value of
-- an indicator of a pillar; a row without a basis if none has, unless sources only project the indicator.
with counted as (
    select
        profile.indicator,
        profile.obs_status,
        profile.geo_basis,
        profile.time_period,
        profile.source,
        count(*) as cities
    from report.city_profile as profile
    inner join catalog.indicator as of_pillar on profile.indicator = of_pillar.indicator
    where of_pillar.pillar = :pillar
    group by profile.indicator, profile.obs_status, profile.geo_basis, profile.time_period, profile.source
)

select
    indicator.indicator,
    indicator.pillar,
    counted.obs_status,
    counted.geo_basis,
    basis.city_level,
    counted.time_period,
    source.publisher,
    source.licence,
    coalesce(counted.cities, 0) as cities
from catalog.indicator as indicator
left join counted on indicator.indicator = counted.indicator
left join catalog.geo_basis as basis on counted.geo_basis = basis.geo_basis
left join catalog.source as source on counted.source = source.source
where
    indicator.pillar = :pillar
    and (
        counted.indicator is not null
        or not exists (
            select from core.observation_latest as projected
            where
                projected.indicator = indicator.indicator
                and projected.obs_status = 'F'
                and projected.obs_value is not null
        )
    )
order by indicator.indicator asc, cities desc, source.publisher asc, counted.time_period asc;
