-- Grain: city × indicator. What the latest value of each indicator of a pillar rests on; without a value too,
-- unless sources only project the indicator.
select
    city.ref_area,
    indicator.indicator,
    indicator.pillar,
    profile.time_period as value_period,
    profile.obs_status,
    profile.geo_basis,
    source.publisher,
    source.licence,
    basis.city_level,
    profile.indicator is not null as has_value
from catalog.city as city
cross join catalog.indicator as indicator
left join report.city_profile as profile
    on city.ref_area = profile.ref_area and indicator.indicator = profile.indicator
left join catalog.geo_basis as basis on profile.geo_basis = basis.geo_basis
left join catalog.source as source on profile.source = source.source
where
    indicator.pillar = :pillar
    and (
        exists (select from report.city_profile as known where known.indicator = indicator.indicator)
        or not exists (
            select from core.observation_latest as projected
            where
                projected.indicator = indicator.indicator
                and projected.obs_status = 'F'
                and projected.obs_value is not null
        )
    )
order by city.ref_area asc, indicator.indicator asc;
