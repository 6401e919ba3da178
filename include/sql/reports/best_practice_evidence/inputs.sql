-- Grain: city × indicator × series × year. The observations of some indicators and places, each under the id
-- of the city that the place stands for: itself or, of cities with a case, the country; preferred series
-- first. There are projections among them. Few of thousands of cities are wanted: with `offset 0` the planner
-- looks up each place, where it would sort all observations for a join.
select
    listed.city as ref_area,
    known.indicator,
    known.time_period,
    known.obs_value,
    known.obs_status,
    known.unit_measure,
    known.geo_basis,
    known.source,
    known.geo_basis = any(cast(:city_level as text[])) as city_level
from
    unnest(
        cast(:indicators as text[]), cast(:cities_of_places as text[]), cast(:places as text[])
    ) as listed (indicator, city, place)
inner join catalog.indicator as annual on listed.indicator = annual.indicator and annual.freq = 'A'
cross join
    lateral ( -- noqa: ST05
        select
            one.indicator,
            one.time_period,
            one.obs_value,
            one.obs_status,
            one.unit_measure,
            one.geo_basis,
            one.source
        from core.observations_as_of(cast(:known_at as timestamptz)) as one
        where one.indicator = listed.indicator and one.ref_area = listed.place
        offset 0 -- noqa: AM09
    ) as known
where
    known.geo_basis = any(cast(:city_level as text[]))
    or listed.city = any(cast(:cities_with_cases as text[]))
order by
    core.preference(
        known.geo_basis, known.source, null, cast(:bases as text[]), cast(:sources as text[])
    ) asc,
    known.unit_measure asc;
