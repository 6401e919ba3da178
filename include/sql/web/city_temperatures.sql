-- Grain: year × source. The annual mean temperatures of a city and their difference from the normal of
-- 2001-2020, which is null if the normal is incomplete.
select
    change.time_period,
    change.source,
    change.obs_value,
    change.mean_2001_2020 as normal,
    change.years_of_20,
    change.change_since_2001_2020 as difference,
    source.publisher,
    source.licence
from report.climate_change as change
inner join catalog.source as source using (source)
where change.ref_area = :ref_area and change.indicator = 'T_MEAN_YEAR'
order by source.precedence, change.source, change.time_period;
