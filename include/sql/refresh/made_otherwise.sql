-- Whether report tables are declared or made otherwise, or take something else from the catalogue, than at
-- the last refresh, if there was one.
select exists(
    select from (
        select
            reference_id,
            declaration
        from ops.report_refresh
        order by report_refresh_id desc
        limit 1
    ) as latest
    where
        latest.reference_id is distinct from :reference_id
        or latest.declaration is distinct from :declaration
) as changed;
