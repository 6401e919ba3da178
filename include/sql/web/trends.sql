-- Grain: indicator × place. The trends of indicators in a window, of some places or of all, with the licence
-- of each source: some of them after others, or all. `series` counts all of them, `short` the short ones,
-- `slopes` those with a slope.
select
    trend.indicator,
    trend.ref_area,
    place.kind,
    trend.unit_measure,
    trend.geo_basis,
    trend.source,
    source.publisher,
    source.licence,
    trend.n,
    trend.first_year,
    trend.last_year,
    trend.split_year,
    trend.estimated,
    trend.is_short,
    trend.is_autocorrelated,
    trend.autocorrelation,
    trend.log_growth,
    trend.slope,
    trend.slope_low,
    trend.slope_high,
    trend.slope_reason,
    trend.mk_p_corrected,
    trend.q_value,
    trend.trend,
    trend.trend_reason,
    trend.pettitt_year,
    trend.pettitt_p,
    trend.shift_years,
    count(*) over () as series,
    count(*) filter (where trend.is_short) over () as short,
    count(trend.slope) over () as slopes
from report.trend as trend
inner join catalog.ref_area as place using (ref_area)
inner join catalog.source as source using (source)
where
    trend.indicator = any(:indicators)
    and trend.time_window = :time_window
    and (cast(:places as text[]) is null or trend.ref_area = any(cast(:places as text[])))
order by trend.indicator asc, trend.slope desc nulls last, trend.ref_area asc
limit cast(:most as bigint) offset :before;
