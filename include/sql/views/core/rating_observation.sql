-- Grain: rating × year × city × observation. The observations that ratings use, as values and as
-- denominators.
create view core.rating_observation as
select rating, time_period, ref_area, source_ref_area, indicator, raw_time_period, source
from report.rating_indicator where source is not null
union all
select
    rating, time_period, ref_area,
    denominator_source_ref_area, denominator, denominator_time_period, denominator_source
from report.rating_indicator where denominator_source is not null;
