-- The digest of a load's staged rows, and its warnings; the database's own time of a fetch. A clock that runs
-- ahead must not make later fetches look older: heard_at is never after the time at which the database
-- recorded the fetch.
alter table ops.load add column warnings text[] not null default '{}';
alter table ops.load add column staged_sha256 text;
alter table archive.fetch_event add column recorded_at timestamptz not null default clock_timestamp();
alter table archive.fetch_event add column heard_at timestamptz not null
generated always as (least(fetched_at, recorded_at)) stored;
