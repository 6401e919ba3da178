-- Grain: indicator × source × place (the city or its country). All candidates for a city's latest
-- observations, where there are several, in the order in which reports prefer them.
select
    choice.indicator,
    choice.time_period,
    choice.source,
    choice.source_ref_area,
    choice.obs_value,
    choice.unit_measure,
    choice.geo_basis,
    choice.chosen,
    choice.difference_to_chosen,
    choice.spread
from report.source_choice as choice
inner join report.city_profile as profile
    on
        choice.ref_area = profile.ref_area
        and choice.indicator = profile.indicator
        and choice.time_period = profile.time_period
where choice.ref_area = :ref_area and choice.candidates > 1
order by choice.indicator, choice.preference;
