-- Whether the last refresh, if any, used another declaration of the research tables, or one that is not
-- stored.
select exists(
    select from (
        select research.declaration
        from ops.report_refresh as refresh
        left join catalog.research as research on refresh.research_declaration = research.declaration
        order by refresh.report_refresh_id desc
        limit 1
    ) as latest
    where latest.declaration is distinct from :declaration
) as superseded;
