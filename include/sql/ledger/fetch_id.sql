-- The id of a recorded fetch.
select fetch_id
from archive.fetch_event
where sha256 = :sha256 and url = :url and fetched_at = :fetched_at;
