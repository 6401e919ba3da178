-- The files that a load was read from, in the order of their fetch.
select
    event.source,
    event.url,
    event.sha256,
    snapshot.byte_count,
    snapshot.media_type,
    event.fetched_at,
    event.etag,
    event.last_modified
from ops.load_fetch
inner join archive.fetch_event as event on load_fetch.fetch_id = event.fetch_id
inner join archive.snapshot as snapshot on event.sha256 = snapshot.sha256
where load_fetch.load_id = :load_id
order by event.fetch_id;
