-- A refresh says by which declaration the products of the research were made, and up to which file of cases.
update ops.report_refresh
set research_declaration = :declaration, best_practice_load_id = :best_practice_load_id
where report_refresh_id = :report_refresh_id;
