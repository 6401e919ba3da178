-- Grain: place × indicator × window. The trends of the given indicators.
select
    indicator,
    ref_area,
    time_window,
    trend,
    log_growth
from report.trend
where indicator = any(:indicators);
