-- Whether the declarations of report tables, or what they take from the catalogue, have changed since the
-- last refresh; false if there was none.
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
