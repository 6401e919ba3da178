-- What is no longer late for the reason told is told anew when it comes back.
delete from ops.lateness as told
where
    not exists (
        select
        from report.freshness as now
        where
            now.source = told.source
            and now.indicator = told.indicator
            and now.freshness_reason = told.reason
            and now.freshness <> 'fresh'
    );
