-- Grain: city × year. The ranks of a rating, and whether each is comparable with that of the year before.
select
    ref_area,
    time_period,
    rank,
    coalesce(comparable_with_prev, false) as comparable
from report.rating_history
where rating = :rating and rank is not null
order by ref_area, time_period;
