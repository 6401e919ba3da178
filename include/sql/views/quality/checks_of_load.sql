-- Grain: load. Results of the checks of a load: counts of its suites, and rejected rows by rule.
create view quality.checks_of_load as
with suites as (
    select load_id, sum(evaluated)::integer as rules_run, sum(failed)::integer as rules_failed
    from quality.validation group by load_id
),

rejection as (select load_id, rule, count(*) as n_rows from quality.rejected_row group by load_id, rule),

rejected as (select load_id, jsonb_object_agg(rule, n_rows) as by_rule from rejection group by load_id)

select load_id, suites.rules_run, suites.rules_failed, rejected.by_rule as rejected_by_rule
from suites
full join rejected using (load_id);
