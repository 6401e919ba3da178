-- What has become fresh is told anew when it is overdue again. What another freshness_alert hides for a while is not.
delete from ops.freshness_alert as told
where
    not exists (
        select
        from report.freshness as now
        where
            now.source = told.source
            and now.indicator = told.indicator
            and now.freshness <> 'fresh'
    );
