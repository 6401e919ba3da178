-- Grain: city × pillar. The pillars of an edition.
select
    ref_area,
    pillar,
    parent,
    score,
    rank,
    coverage,
    weight_effective,
    contribution
from report.edition_rating_pillar
where rating = :rating and edition = :edition
order by ref_area asc, pillar asc;
