-- Grain: indicator × period × source × basis. Inputs: core.observation, catalog.city. How many
-- places have a figure, and how many of our cities it stands for.
insert into report.data_coverage
with catalogue as (select count(*) as cities from catalog.city)

select
    observation.indicator,
    observation.time_period,
    observation.source,
    observation.geo_basis,
    count(distinct observation.ref_area) as places,
    count(distinct city.ref_area) as cities,
    catalogue.cities as cities_of_catalogue
from core.observation as observation
inner join catalog.city as city on observation.ref_area in (city.ref_area, city.country)
cross join catalogue
group by
    observation.indicator,
    observation.time_period,
    observation.source,
    observation.geo_basis,
    catalogue.cities;
