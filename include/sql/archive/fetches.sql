-- Grain: source × address. Where a file was fetched from, the latest fetch first.
select
    source,
    url
from archive.fetch_event
where sha256 = :sha256
group by source, url
order by max(fetched_at) desc, url asc;
