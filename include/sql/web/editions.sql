-- Grain: edition. All editions, the latest first.
select
    edition.rating,
    edition.edition,
    edition.time_period,
    edition.title,
    edition.method_version,
    edition.known_at,
    edition.n_ranked,
    edition.approved_by,
    edition.published_at,
    edition.citation,
    edition.checksum
from report.edition as edition
order by edition.rating asc, edition.published_at desc, edition.edition desc;
