-- One fetch of one address; a retried task finds the one it recorded before.
with
inserted as (
    insert into archive.fetch_event (sha256, source, url, fetched_at, etag, last_modified)
    values (:sha256, :source, :url, :fetched_at, :etag, :last_modified)
    on conflict (sha256, url, fetched_at) do nothing
    returning fetch_id
)

select fetch_id from inserted
union all
select fetch_id from archive.fetch_event
where sha256 = :sha256 and url = :url and fetched_at = :fetched_at
limit 1;
