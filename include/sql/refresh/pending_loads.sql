-- Loads published since the last refresh.
select load_id
from ops.load
where state = 'published' and report_refresh_id is null
order by load_id;
