-- Renames tables, columns and constraints to the standard words of the field; their rows stay as they are.
alter table catalog.case_term rename to best_practice_term;
alter table catalog.best_practice_term rename constraint case_term_pkey to best_practice_term_pkey;
alter table catalog.expectation rename column asked_within_days to requested_within_days;
alter table core.case_version rename to best_practice_version;
alter table core.best_practice_version rename column case_load_id to best_practice_load_id;
alter table core.observation_block rename column figures to observations;
alter table ops.case_load rename to best_practice_load;
alter table ops.best_practice_load rename column case_load_id to best_practice_load_id;
alter table ops.report_refresh rename column case_load_id to best_practice_load_id;
alter table ops.lateness rename to freshness_alert;
alter table ops.freshness_alert rename column told_at to alerted_at;
alter table quality.rejected_case rename to rejected_best_practice;
alter table quality.rejected_best_practice rename column case_load_id to best_practice_load_id;
alter table quality.remark rename to warning;
-- A new warehouse has no report tables yet, hence `if exists`.
alter table if exists report.edition_rating rename column league to size_class;
alter table if exists report.edition_rating rename column rank_in_league to rank_in_size_class;
alter table if exists report.rating rename column league to size_class;
alter table if exists report.rating rename column rank_in_league to rank_in_size_class;
alter table if exists report.megatrend rename column places_judged to places_assessed;
alter table if exists report.case_evidence rename to best_practice_evidence;
alter table if exists report.best_practice_evidence
rename constraint case_evidence_pkey to best_practice_evidence_pkey;
alter table if exists report.best_practice_evidence
rename constraint case_evidence_verdict_check to best_practice_evidence_verdict_check;
