-- Grain: series (indicator × place × source × geographic basis × unit). The trend in the window with most
-- years.
create view core.longest_trend as
select distinct on (indicator, ref_area, source, geo_basis, unit_measure)
    indicator, ref_area, source, geo_basis, unit_measure, time_window, trend, trend_reason, slope
from report.trend
order by indicator asc, ref_area asc, source asc, geo_basis asc, unit_measure asc, n desc, time_window asc;
