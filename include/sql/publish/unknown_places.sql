-- Places of a load that the catalogue does not have.
select place as ref_area
from unnest(cast(:places as text[])) as place
where place not in (select ref_area from catalog.ref_area)
order by place;
