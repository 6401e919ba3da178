-- Grain: city × indicator. What the latest values of some indicators rest on in some cities.
select
    city.ref_area,
    indicator.indicator,
    indicator.pillar,
    profile.time_period as value_period,
    profile.obs_status,
    profile.geo_basis,
    basis.city_level,
    profile.indicator is not null as has_value
from catalog.city as city
cross join catalog.indicator as indicator
left join report.city_profile as profile
    on city.ref_area = profile.ref_area and indicator.indicator = profile.indicator
left join catalog.geo_basis as basis on profile.geo_basis = basis.geo_basis
where indicator.indicator = any(:indicators) and city.ref_area = any(:cities)
order by city.ref_area asc, indicator.indicator asc;
