-- Grain: year × source. The annual mean temperatures of a city and their difference from the normal of
-- 2001-2020, which is null if the normal is incomplete: as report.climate_change defines it, which averages
-- the years of all cities first.
with observed as (
    select
        observation.time_period,
        observation.source,
        observation.obs_value,
        avg(observation.obs_value) filter (where observation.time_period between '2001' and '2020')
            over of_source as normal,
        count(*) filter (where observation.time_period between '2001' and '2020')
            over of_source as years_of_20
    from core.observation as observation
    where
        observation.ref_area = :ref_area
        and observation.indicator = 'T_MEAN_YEAR'
        and observation.obs_status <> 'F'
    window of_source as (partition by observation.source)
)

select
    observed.time_period,
    observed.source,
    observed.obs_value,
    observed.normal,
    observed.years_of_20::integer as years_of_20,
    case when observed.years_of_20 >= 16 then observed.obs_value - observed.normal end as difference,
    source.publisher,
    source.licence
from observed
inner join catalog.source as source on observed.source = source.source
order by source.precedence, observed.source, observed.time_period;
