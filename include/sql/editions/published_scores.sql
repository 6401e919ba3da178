-- Grain: city. Scores and ranks as an edition published them.
select
    ref_area,
    score,
    rank
from report.edition_rating
where rating = :rating and edition = :edition;
