-- Grain: indicator. The indicators with a series in a window, and how many of its places have a verdict and a
-- slope.
select
    indicator,
    count(trend) as verdicts,
    count(slope) as slopes
from report.trend
where time_window = :time_window
group by indicator
order by indicator asc;
