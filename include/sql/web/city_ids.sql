-- Grain: city. The ids of the cities, at most so many.
select ref_area
from catalog.city
order by ref_area
limit :most;
