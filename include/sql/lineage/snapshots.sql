-- The files that one load was read from, in the order of their fetch.
select
    fetch_event.url,
    fetch_event.sha256,
    fetch_event.fetched_at,
    snapshot.byte_count,
    snapshot.media_type
from ops.load_fetch as load_fetch
inner join archive.fetch_event as fetch_event on load_fetch.fetch_id = fetch_event.fetch_id
inner join archive.snapshot as snapshot on fetch_event.sha256 = snapshot.sha256
where load_fetch.load_id = :load_id
order by fetch_event.fetch_id;
