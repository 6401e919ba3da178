-- Grain: city × pillar. What each pillar adds to the score.
select
    pillar.ref_area,
    pillar.pillar,
    pillar.score,
    pillar.contribution
from report.rating_pillar as pillar
where pillar.rating = :rating and pillar.time_period = :period;
