-- Grain: indicator. The indicators with an observed series in a window, and how many of its places have a
-- verdict and a slope.
select
    indicator,
    count(trend) as verdicts,
    count(slope) as slopes
from report.trend
where time_window = :time_window and n > 0
group by indicator
order by indicator asc;
