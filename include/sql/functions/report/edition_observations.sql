-- The observations that an edition used, in the versions that it froze, with their contributions in points,
-- and their denominators; of some cities and indicators, or of all where null is given.
create function report.edition_observations(
    of_rating text, of_edition text, cities text[], indicators text[]
) returns table (
    ref_area text, indicator text, time_period text, source text, version integer,
    contribution double precision
)
language sql stable parallel safe as $$
    with used as materialized (
        select * from report.edition_rating_indicator
        where rating = of_rating and edition = of_edition
            and (cities is null or ref_area = any(cities))
            and (indicators is null or indicator = any(indicators))
    )
    select source_ref_area, indicator, raw_time_period, source, version, contribution from used
    where version is not null
    union all
    select distinct
        denominator_source_ref_area, denominator, denominator_time_period, denominator_source,
        denominator_version, null::double precision
    from used where denominator_version is not null
$$;
