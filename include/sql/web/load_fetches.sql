-- Grain: fetch. The files that a load was read from.
select
    event.fetch_id,
    event.heard_at,
    event.url,
    event.fetched_at,
    event.sha256,
    snapshot.byte_count
from ops.load_fetch as load_fetch
inner join archive.fetch_event as event on load_fetch.fetch_id = event.fetch_id
inner join archive.snapshot as snapshot on event.sha256 = snapshot.sha256
where load_fetch.load_id = :load_id
order by event.fetch_id asc;
