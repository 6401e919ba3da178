-- Where an observation stands in the order in which reports prefer the observations of a place and indicator, the
-- smaller the better: by geographic basis, then by source, as `bases` and `sources` list them, then the
-- latest. What they do not list comes last; a series has no year.
create function core.preference(
    geo_basis text, source text, time_period text, bases text[], sources text[]
) returns bigint
language sql immutable parallel safe
return (
    coalesce(array_position(bases, geo_basis), 999)::bigint * 1000
    + coalesce(array_position(sources, source), 999)
) * 10000 - coalesce(time_period::integer, 0);
