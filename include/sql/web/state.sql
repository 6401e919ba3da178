-- What pages depend on: the newest refresh, load, edition and backfill plan, and the day.
select
    (select max(report_refresh_id) from ops.report_refresh) as refresh,
    (select max(load_id) from ops.load) as load,
    (select max(published_at) from ops.load) as published_at,
    (select max(published_at) from report.edition) as edition,
    (select max(planned_at) from ops.backfill_plan) as planned_at,
    current_date as day;
