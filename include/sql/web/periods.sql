-- Grain: year, the latest one first. The years in which a rating ranks somebody; if it ranks nobody, the
-- latest year, whose page gives the reasons.
select time_period
from (
    select
        year.*,
        max(year.time_period) over () as latest,
        max(year.n_ranked) over () as most
    from core.years_of_rating(:rating) as year
) as year
where n_ranked > 0 or (most = 0 and time_period = latest)
order by time_period desc;
