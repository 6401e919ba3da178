-- Grain: city. What the values of cities rest on in a year of a rating: a page of the cities, those with most
-- at city level first, by `place`; and the most incomplete ones, by `gap`. `cities` counts all of them.
-- Rounded, so that the order of equal shares does not depend on the last digit.
with numbered as (
    select
        coverage.*,
        count(*) over () as cities,
        row_number() over (
            order by round(coverage.share_city_level::numeric, 9) desc, named.name asc
        ) as place,
        row_number() over (
            order by
                round(coverage.share_missing::numeric, 9) desc,
                round(coverage.share_country::numeric, 9) desc,
                named.name asc
        ) as gap
    from report.city_coverage as coverage
    inner join core.names_of_cities(:language) as named on coverage.ref_area = named.ref_area
    where coverage.rating = :rating and coverage.time_period = :period
)

select *
from numbered
where place between :before + 1 and :before + :most or gap <= :most
order by place;
