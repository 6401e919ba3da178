-- Grain: rating × year, the latest year first. The years in which somebody is ranked; of a rating that ranks
-- nobody, the latest year, whose page gives the reasons.
with year as (
    select
        rating,
        time_period,
        count(rank) > 0 as ranks_somebody
    from report.rating
    group by rating, time_period
),

counted as (
    select
        *,
        max(time_period) over of_rating as latest,
        bool_or(ranks_somebody) over of_rating as ever
    from year
    window of_rating as (partition by rating)
)

select
    rating,
    time_period
from counted
where ranks_somebody or (not ever and time_period = latest)
order by rating asc, time_period desc;
