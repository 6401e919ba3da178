-- Grain: city × pillar or indicator that stands at the root of the method. What each adds to the score.
select
    ref_area,
    pillar as part,
    score,
    contribution
from report.rating_pillar
where rating = :rating and time_period = :period and parent = :rating
union all
select
    ref_area,
    indicator as part,
    normalised as score,
    contribution
from report.rating_indicator
where rating = :rating and time_period = :period and pillar = :rating;
