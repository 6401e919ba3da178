-- Grain: place (a city or its country). The latest values of an indicator in a unit and some countries, the
-- largest first, or the smallest (`lowest_first`): the first of all `places`, at most so many, or as many
-- evenly from all of them (`spread`). `own` is whether the value is the city's, `cities` how many cities
-- share it.
with place as (
    select
        profile.source_ref_area,
        profile.time_period,
        profile.obs_value,
        profile.geo_basis,
        bool_or(profile.source_ref_area = profile.ref_area) as own,
        case when :lowest_first then max(profile.ref_area) else min(profile.ref_area) end as ref_area,
        count(*) as cities
    from report.city_profile as profile
    where
        profile.indicator = :indicator
        and profile.unit_measure = :unit
        and profile.country = any(:countries)
    group by profile.source_ref_area, profile.time_period, profile.obs_value, profile.geo_basis
),

numbered as (
    select
        place.*,
        count(*) over () as places,
        row_number() over (
            order by
                case when :lowest_first then place.obs_value end asc,
                case when :lowest_first then place.ref_area end desc,
                place.obs_value desc,
                place.ref_area asc
        ) as number
    from place
)

select
    numbered.*,
    basis.city_level
from numbered
inner join catalog.geo_basis as basis using (geo_basis)
where
    case
        when :spread then (numbered.number - 1) % ceil(numbered.places::numeric / :most) = 0
        else numbered.number <= :most
    end
order by numbered.number;
