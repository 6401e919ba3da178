-- Whether ratings take something else from the catalogue than at the last refresh, if there was one.
select exists(
    select from (
        select reference_id
        from ops.report_refresh
        order by report_refresh_id desc
        limit 1
    ) as latest
    where latest.reference_id is null or latest.reference_id <> :reference_id
) as changed;
