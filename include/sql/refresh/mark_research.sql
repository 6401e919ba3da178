-- Records the declaration and the newest file of cases that a refresh used for the research tables.
update ops.report_refresh
set research_declaration = :declaration, best_practice_load_id = :best_practice_load_id
where report_refresh_id = :report_refresh_id;
