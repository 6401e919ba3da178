-- Grain: indicator. The indicators that sources only project, with the number of places and the last year.
-- The unit is that of most values.
select
    indicator.pillar,
    indicator.indicator,
    mode() within group (order by projected.unit_measure) as unit_measure,
    count(distinct projected.ref_area) as places,
    max(projected.time_period) as latest
from catalog.indicator as indicator
inner join core.observation_latest as projected on indicator.indicator = projected.indicator
where
    projected.obs_status = 'F'
    and projected.obs_value is not null
    and not exists (
        select from report.city_profile as profile
        where profile.indicator = indicator.indicator
    )
group by indicator.pillar, indicator.indicator
order by indicator.pillar, indicator.indicator;
