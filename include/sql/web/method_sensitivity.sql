-- Grain: factor of the uncertainty analysis, or part that is left out, in a year; the strongest first.
select
    kind,
    factor,
    s1,
    s1_conf,
    st,
    st_conf,
    mean_abs_rank_shift
from report.rating_sensitivity
where rating = :rating and time_period = :period
order by kind asc, st desc nulls last, mean_abs_rank_shift desc, factor asc;
