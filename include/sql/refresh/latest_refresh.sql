-- The last refresh, with the digest of its plan if several tasks computed it; no row if there was none.
select
    report_refresh_id,
    plan
from ops.report_refresh
order by report_refresh_id desc
limit 1;
