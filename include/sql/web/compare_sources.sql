-- Grain: source. The sources of the latest values of some cities, by the number of values.
select
    publisher,
    licence,
    count(*) as observations
from report.city_profile
where ref_area = any(:cities)
group by publisher, licence
order by observations desc, publisher asc;
