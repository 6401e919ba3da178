-- Grain: pillar. The scores of a city in the pillars of a rating, in a year.
select
    pillar,
    score,
    weight_effective as weight,
    contribution
from report.rating_pillar
where rating = :rating and time_period = :period and ref_area = :ref_area
order by pillar asc;
