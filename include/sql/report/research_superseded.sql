-- Whether the last refresh, if there was one, made the research tables by another declaration, or not at all.
select exists(
    select from (
        select research_declaration
        from ops.report_refresh
        order by report_refresh_id desc
        limit 1
    ) as latest
    where latest.research_declaration is distinct from :declaration
) as superseded;
