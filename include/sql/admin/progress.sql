-- Progress of the loads: rows in the warehouse, and loads that no report shows yet.
select
    coalesce(sum(accepted_rows), 0) as rows_loaded,
    count(*) filter (where report_refresh_id is null) as loads_not_in_report
from ops.load
where state = 'published';
