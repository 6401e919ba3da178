-- Grain: rating × indicator. What the latest ranked year of a rating lacks of a city: no value, or only one
-- of another area than the city, its metropolitan area or agglomeration. `known` is the value of any year.
with latest as (
    select
        method.rating,
        coalesce(max(year.time_period) filter (where year.n_ranked > 0), max(year.time_period)) as time_period
    from unnest(cast(:ratings as text[])) as method (rating)
    cross join core.years_of_rating(method.rating) as year
    group by method.rating
),

own as (
    select
        coverage.indicator,
        max(coverage.cities) as cities
    from report.data_coverage as coverage
    inner join catalog.geo_basis as basis using (geo_basis)
    where basis.city_level
    group by coverage.indicator
)

select
    used.rating,
    used.time_period,
    used.indicator,
    used.geo_basis,
    known.time_period as known_in,
    known.geo_basis as known_basis,
    coalesce(own.cities, 0) as cities_with_own
from latest
inner join report.rating_indicator as used
    on latest.rating = used.rating and latest.time_period = used.time_period
left join catalog.geo_basis as basis on used.geo_basis = basis.geo_basis
left join report.city_profile as known
    on used.ref_area = known.ref_area and used.indicator = known.indicator
left join own on used.indicator = own.indicator
where
    used.ref_area = :ref_area
    and (used.raw_value is null or not basis.city_level)
order by used.indicator, used.rating;
