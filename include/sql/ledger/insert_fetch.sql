-- One fetch of one address; a retried task finds the one it recorded before.
insert into archive.fetch_event (sha256, source, url, fetched_at, etag, last_modified)
values (:sha256, :source, :url, :fetched_at, :etag, :last_modified)
on conflict (sha256, url, fetched_at) do nothing;
