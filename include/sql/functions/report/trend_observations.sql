-- The current observations of the series of a trend (one place, source, geographic basis and unit), without
-- projections.
create function report.trend_observations(series report.trend, first_year integer, last_year integer)
returns table (
    ref_area text, indicator text, time_period text, source text, version integer,
    contribution double precision
)
language sql stable parallel safe as $$
    select ref_area, indicator, time_period, source, version, null::double precision
    from core.observation
    where
        (indicator, ref_area, source, geo_basis, unit_measure)
        = (series.indicator, series.ref_area, series.source, series.geo_basis, series.unit_measure)
        and freq = 'A' and obs_status <> 'F' and time_period between first_year::text and last_year::text
$$;
