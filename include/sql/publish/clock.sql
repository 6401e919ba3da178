-- The database's clock, and when the latest load of a source was published.
select
    clock_timestamp() as database_time,
    max(published_at) as last_published_at
from ops.load
where source = :source;
