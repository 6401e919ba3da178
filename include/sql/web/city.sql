-- A city by its id; its country is null if the city left the catalogue.
select
    place.ref_area,
    city.country
from catalog.ref_area as place
left join catalog.city as city on place.ref_area = city.ref_area
where place.kind = 'city' and place.ref_area = :ref_area;
