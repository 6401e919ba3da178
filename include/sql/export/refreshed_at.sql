-- Grain: one row. When the report tables were last refreshed, or by the refresh named.
select max(refreshed_at) as refreshed_at
from ops.report_refresh
where cast(:report_refresh_id as bigint) is null or report_refresh_id = :report_refresh_id;
