-- Grain: city. The scores of some cities in a year of a rating, and how much of them is at city level.
select
    ref_area,
    score,
    city_level_weight,
    status
from report.rating
where rating = :rating and time_period = :period and ref_area = any(:cities)
order by ref_area;
