-- Grain: city × part (pillar or indicator at the top level of the method). The contribution of each part to
-- the score of some cities.
select
    ref_area,
    pillar as part,
    score,
    contribution
from report.rating_pillar
where
    rating = :rating and time_period = :period and parent = :rating and ref_area = any(:cities)
union all
select
    ref_area,
    indicator as part,
    normalised as score,
    contribution
from report.rating_indicator
where
    rating = :rating and time_period = :period and pillar = :rating and ref_area = any(:cities);
