-- Whether ratings take something else from the catalogue than at the last refresh.
select
    :reference_id is distinct from (
        select latest.reference_id
        from ops.report_refresh as latest
        order by latest.report_refresh_id desc
        limit 1
    ) as changed;
