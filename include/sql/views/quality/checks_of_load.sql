-- Grain: load. What the checks of a load say: those of its suites, and the rows that each rule rejected.
create view quality.checks_of_load as
with validated as (
    select load_id, sum(evaluated)::integer as rules_run, sum(failed)::integer as rules_failed
    from quality.validation group by load_id
),

refusal as (select load_id, rule, count(*) as refused from quality.rejected_row group by load_id, rule),

rejected as (select load_id, jsonb_object_agg(rule, refused) as by_rule from refusal group by load_id)

select load_id, validated.rules_run, validated.rules_failed, rejected.by_rule as rejected_by_rule
from validated
full join rejected using (load_id);
