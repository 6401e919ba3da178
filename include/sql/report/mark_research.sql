-- A refresh says by which declaration the products of the research were made.
update ops.report_refresh
set research_declaration = :declaration
where report_refresh_id = :report_refresh_id;
