-- The observations now of a series: of one place, source, geographic basis and unit, without projections.
create function core.series_observations(
    of_indicator text, of_ref_area text, of_source text, of_geo_basis text, of_unit text,
    first_year integer, last_year integer
) returns table (
    ref_area text, indicator text, time_period text, source text, version integer,
    contribution double precision
)
language sql stable parallel safe as $$
    select ref_area, indicator, time_period, source, version, null::double precision
    from core.observation
    where
        indicator = of_indicator
        and ref_area = of_ref_area
        and source = of_source
        and geo_basis = of_geo_basis
        and unit_measure = of_unit
        and freq = 'A'
        and obs_status <> 'F'
        and time_period between first_year::text and last_year::text
$$;
