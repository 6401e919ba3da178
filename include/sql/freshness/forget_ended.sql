-- What has become fresh is told anew when it is late again. What another lateness hides for a while is not.
delete from ops.lateness as told
where
    not exists (
        select
        from report.freshness as now
        where
            now.source = told.source
            and now.indicator = told.indicator
            and now.freshness <> 'fresh'
    );
