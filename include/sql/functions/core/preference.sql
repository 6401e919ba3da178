-- Sort key of the observations of a place and indicator, in the order in which reports prefer them, smallest
-- first: by geographic basis and by source, as listed in `bases` and `sources`, then the latest year. What is
-- not listed comes last. For a series, pass null as the year.
create function core.preference(
    geo_basis text, source text, time_period text, bases text[], sources text[]
) returns bigint
language sql immutable parallel safe
return (
    coalesce(array_position(bases, geo_basis), 999)::bigint * 1000
    + coalesce(array_position(sources, source), 999)
) * 10000 - coalesce(time_period::integer, 0);
