-- Records a fetch of an address; a retried task finds its earlier record.
insert into archive.fetch_event (sha256, source, url, fetched_at, etag, last_modified)
values (:sha256, :source, :url, :fetched_at, :etag, :last_modified)
on conflict (sha256, url, fetched_at) do nothing;
