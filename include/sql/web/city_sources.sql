-- Grain: publisher × licence. The sources of the latest values of a city, by the number of values.
select
    publisher,
    licence,
    count(*) as observations
from report.city_profile
where ref_area = :ref_area
group by publisher, licence
order by observations desc, publisher asc;
