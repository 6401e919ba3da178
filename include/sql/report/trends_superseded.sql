-- Whether the last refresh, if there was one, made trends by another version of what is declared, or none.
select exists(
    select from (
        select trends_version
        from ops.report_refresh
        order by report_refresh_id desc
        limit 1
    ) as latest
    where latest.trends_version is distinct from :version
) as superseded;
