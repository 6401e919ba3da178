-- Grain: city. The cities with a latest value of an indicator, or those of some cities; at most so many.
select ref_area
from report.city_profile
where
    indicator = :indicator
    and (cast(:cities as text[]) is null or ref_area = any(cast(:cities as text[])))
order by ref_area
limit :most;
