-- A refresh says by which declaration the products of the research were made, and up to which file of cases.
update ops.report_refresh
set research_declaration = :declaration, case_load_id = :case_load_id
where report_refresh_id = :report_refresh_id;
