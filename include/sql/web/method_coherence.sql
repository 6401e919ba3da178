-- Grain: statistic of a pillar, of a part of it or of two parts, in a year.
select
    pillar,
    part,
    other,
    statistic,
    value,
    p_value,
    n_units,
    flag,
    lower_bound,
    upper_bound,
    within_bounds
from report.rating_coherence
where rating = :rating and time_period = :period
order by pillar asc, statistic asc, part asc, other asc;
