-- Grain: indicator × year. The series that the latest values of a city come from, with their projections.
select
    profile.pillar,
    profile.indicator,
    profile.unit_measure,
    profile.geo_basis,
    profile.source,
    profile.source_ref_area,
    profile.publisher,
    profile.licence,
    observation.time_period,
    observation.obs_value,
    observation.obs_status
from report.city_profile as profile
inner join core.observation as observation
    on
        profile.source_ref_area = observation.ref_area
        and profile.indicator = observation.indicator
        and profile.source = observation.source
        and profile.geo_basis = observation.geo_basis
        and profile.unit_measure = observation.unit_measure
where profile.ref_area = :ref_area and profile.unit_measure <> 'CODE'
order by profile.pillar, profile.indicator, observation.time_period;
