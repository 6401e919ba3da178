-- Grain: city. A page of the latest values of an indicator in some countries, or those of some cities, the
-- largest first, or the smallest (`lowest_first`).
select
    profile.ref_area,
    profile.country,
    profile.time_period,
    profile.obs_value,
    profile.unit_measure,
    profile.obs_status,
    profile.geo_basis,
    basis.city_level,
    profile.source,
    profile.correction
from report.city_profile as profile
inner join catalog.geo_basis as basis on profile.geo_basis = basis.geo_basis
where
    profile.indicator = :indicator
    and profile.country = any(:countries)
    and (cast(:cities as text[]) is null or profile.ref_area = any(cast(:cities as text[])))
order by
    case when :lowest_first then profile.obs_value end asc,
    case when :lowest_first then profile.ref_area end desc,
    profile.obs_value desc,
    profile.ref_area asc
limit :most offset :before;
