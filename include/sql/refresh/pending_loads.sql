-- Loads published since the last refresh and known at a moment.
select load_id
from ops.load
where
    state = 'published' and report_refresh_id is null
    and published_at <= cast(:known_at as timestamptz)
order by load_id;
