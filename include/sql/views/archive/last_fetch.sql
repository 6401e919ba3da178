-- Grain: source. When a file of each source was last fetched.
create view archive.last_fetch as
select source, max(fetched_at) as last_fetched_at from archive.fetch_event group by source;
