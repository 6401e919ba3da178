-- Grain: edition. One edition.
select
    rating,
    edition,
    time_period,
    title,
    method_version,
    reference_id,
    known_at,
    n_ranked,
    approved_by,
    published_at,
    citation,
    checksum
from report.edition
where rating = :rating and edition = :edition;
