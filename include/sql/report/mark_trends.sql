-- A refresh says by which version of what is declared the trend tables were made.
update ops.report_refresh
set trends_version = :version
where report_refresh_id = :report_refresh_id;
