-- Grain: statistic of a pillar, of a part of it or of two parts. What is outside of its bounds in a year.
select
    pillar,
    part,
    other,
    statistic,
    value,
    lower_bound,
    upper_bound
from report.rating_coherence
where rating = :rating and time_period = :period and not within_bounds
order by statistic asc, pillar asc, part asc, other asc;
