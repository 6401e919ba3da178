-- The trend of the series that a city's profile takes its observation from (one place, source, geographic
-- basis and unit), in the window with most years; none if the series has no trend.
create function core.longest_trend(profile report.city_profile) returns setof report.trend
language sql stable parallel safe as $$
    select trend.*
    from report.trend as trend
    where
        (trend.indicator, trend.ref_area, trend.source, trend.geo_basis, trend.unit_measure)
        = (profile.indicator, profile.source_ref_area, profile.source, profile.geo_basis, profile.unit_measure)
    order by trend.n desc, trend.time_window asc
    limit 1
$$;
