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
    edition.checksum,
    frozen.method_status
from report.edition as edition
left join lateral (
    select max(edition_rating.method_status) as method_status
    from report.edition_rating
    where (edition_rating.rating, edition_rating.edition) = (edition.rating, edition.edition)
) as frozen on true
order by edition.rating asc, edition.published_at desc, edition.edition desc;
