-- Grain: value. How many cities have each latest value of an indicator with few possible ones in a unit and
-- some countries, the highest first, and the first of the cities.
with numbered as (
    select
        obs_value,
        ref_area,
        row_number() over (partition by obs_value order by ref_area) as number
    from report.city_profile
    where indicator = :indicator and unit_measure = :unit and country = any(:countries)
)

select
    obs_value,
    count(*) as cities,
    array_agg(ref_area order by ref_area) filter (where number <= :most) as ref_areas
from numbered
group by obs_value
order by obs_value desc;
