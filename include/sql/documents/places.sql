-- Grain: city. The place of each city on the map.
select
    ref_area,
    latitude,
    longitude
from catalog.city
order by ref_area;
