-- Deletes the alerts of indicators that are fresh again, so that they are alerted when they are next overdue.
-- An alert stays while the indicator is overdue for another reason.
delete from ops.freshness_alert as alert
where
    not exists (
        select
        from report.freshness as current
        where
            current.source = alert.source
            and current.indicator = alert.indicator
            and current.freshness <> 'fresh'
    );
