-- The observations that the profiles of some cities show of some indicators; two cities may share one.
create function report.profile_observations(cities text[], indicators text[])
returns table (
    ref_area text, indicator text, time_period text, source text, version integer,
    contribution double precision
)
language sql stable parallel safe as $$
    select distinct source_ref_area, indicator, time_period, source, version, null::double precision
    from report.city_profile where ref_area = any(cities) and indicator = any(indicators)
$$;
