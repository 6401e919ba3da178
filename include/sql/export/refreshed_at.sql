-- When the report tables were last refreshed, or when the given refresh ran.
select max(refreshed_at) as refreshed_at
from ops.report_refresh
where cast(:report_refresh_id as bigint) is null or report_refresh_id = :report_refresh_id;
