-- Marks loads as included in the reports.
update ops.load
set report_refresh_id = :report_refresh_id
where load_id = any(:loads);
