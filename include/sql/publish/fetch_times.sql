-- When the bytes of a load were fetched.
select
    event.fetch_id,
    event.fetched_at
from ops.load_fetch
inner join archive.fetch_event as event on load_fetch.fetch_id = event.fetch_id
where load_fetch.load_id = :load_id;
