-- Grain: indicator. The latest observations of a city, by pillar.
select
    profile.pillar,
    profile.indicator,
    profile.time_period,
    profile.obs_value,
    profile.unit_measure,
    profile.obs_status,
    profile.geo_basis,
    profile.source,
    profile.publisher,
    profile.correction
from report.city_profile as profile
where profile.ref_area = :ref_area
order by profile.pillar, profile.indicator;
