-- Grain: value. How many cities have each latest value of an indicator with few possible ones in a unit and some
-- countries, the highest first, and the first of the cities.
select
    obs_value,
    count(*) as cities,
    (array_agg(ref_area order by ref_area))[1 : :most] as ref_areas
from report.city_profile
where indicator = :indicator and unit_measure = :unit and country = any(:countries)
group by obs_value
order by obs_value desc;
