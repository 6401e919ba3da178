-- archive: which bytes were received, from where and when.

create table archive.snapshot (
    sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    byte_count bigint not null, media_type text not null
);

create table archive.fetch_event (
    fetch_id bigint generated always as identity primary key,
    sha256 text not null references archive.snapshot,
    source text not null references catalog.source,
    url text not null,
    fetched_at timestamptz not null,
    etag text, last_modified text,
    unique (sha256, url, fetched_at)
);
