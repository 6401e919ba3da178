-- Grain: city. The cities that a rating ranks in a year, with their places on the map and their inhabitants,
-- the largest first; `cities` counts all of them.
select
    rating.ref_area,
    city.latitude,
    city.longitude,
    rating.score,
    people.obs_value as people,
    count(*) over () as cities
from report.rating as rating
inner join catalog.city as city using (ref_area)
left join report.city_profile as people
    on rating.ref_area = people.ref_area and people.indicator = 'POP_AGGLO'
where rating.rating = :rating and rating.time_period = :period and rating.rank is not null
order by people.obs_value desc nulls last, rating.ref_area asc
limit :most;
