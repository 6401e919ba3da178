-- Grain: city. The ids of all cities.
select ref_area
from catalog.city
order by ref_area;
