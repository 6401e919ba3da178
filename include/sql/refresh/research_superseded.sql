-- Whether the last refresh, if there was one, made the research tables by another declaration than this, or
-- by one that was not kept.
select exists(
    select from (
        select kept.declaration
        from ops.report_refresh as made
        left join catalog.research as kept on made.research_declaration = kept.declaration
        order by made.report_refresh_id desc
        limit 1
    ) as latest
    where latest.declaration is distinct from :declaration
) as superseded;
