-- Grain: rating × year × city × observation. What ratings rest on: observations, and those that they were divided by.
create view core.rating_observation as
select rating, time_period, ref_area, source_ref_area, indicator, raw_time_period, source
from report.rating_indicator where source is not null
union all
select
    rating, time_period, ref_area,
    denominator_source_ref_area, denominator, denominator_time_period, denominator_source
from report.rating_indicator where denominator_source is not null;
