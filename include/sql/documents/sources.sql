-- Grain: source. The sources of an edition, as in export/sources; none if it is older than the table.
select
    source,
    source_name as name,
    publisher,
    base_url,
    licence,
    licence_url,
    attribution,
    trends
from report.edition_source
where rating = :rating and edition = :edition
order by source asc;
