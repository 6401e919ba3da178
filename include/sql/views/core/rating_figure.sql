-- Grain: rating × year × city × figure. What ratings rest on: figures, and those that they were divided by.
create view core.rating_figure as
select rating, time_period, ref_area, source_ref_area, indicator, raw_time_period, source
from report.rating_indicator where source is not null
union all
select
    rating, time_period, ref_area,
    denominator_source_ref_area, denominator, denominator_time_period, denominator_source
from report.rating_indicator where denominator_source is not null;
