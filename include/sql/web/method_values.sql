-- Grain: indicator. The values of a city in a year of a rating, on their way to the score.
select
    indicator,
    raw_value,
    unit_measure,
    raw_time_period,
    denominator,
    denominator_value,
    treated_value,
    treatment,
    goalpost_worst,
    goalpost_best,
    normalised,
    weight,
    contribution
from report.rating_indicator
where rating = :rating and time_period = :period and ref_area = :ref_area
order by indicator asc;
