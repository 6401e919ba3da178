-- Grain: city. Scores and ranks as published in an edition.
select
    ref_area,
    score,
    rank
from report.edition_rating
where rating = :rating and edition = :edition;
