-- Grain: one row. Published loads that no refresh of the report tables has read yet.
select count(*) as value
from ops.load
where state = 'published' and report_refresh_id is null;
