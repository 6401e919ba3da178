-- Grain: one row, none before the first refresh. When the report tables were last refreshed.
select extract(epoch from max(refreshed_at)) as value
from ops.report_refresh
having count(*) > 0;
