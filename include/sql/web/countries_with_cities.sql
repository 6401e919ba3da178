-- Grain: country. The countries that have cities in the catalogue, with their groups today.
select
    country.ref_area as country,
    core.groups_of_country(country.ref_area) as city_groups
from catalog.country as country
where country.ref_area in (select city.country from catalog.city as city)
order by country.ref_area;
