-- Grain: city × year. Names, country and the groups a city belongs to in that year.
select
    city.ref_area,
    target.time_period,
    place.name_en as city_name_en,
    place.name_ru as city_name_ru,
    place.name_zh as city_name_zh,
    city.country,
    coalesce(
        array_agg(member.city_group order by member.city_group) filter (where member.city_group is not null),
        '{}'
    ) as city_groups
from catalog.city as city
cross join unnest(cast(:periods as text[])) as target (time_period)
inner join catalog.ref_area as place on city.ref_area = place.ref_area
left join catalog.city_group_member as member
    on
        city.country = member.country
        and make_date(target.time_period::integer, 12, 31) >= member.valid_from
        and (member.valid_to is null or make_date(target.time_period::integer, 12, 31) <= member.valid_to)
group by city.ref_area, target.time_period, place.name_en, place.name_ru, place.name_zh, city.country
order by city.ref_area, target.time_period;
