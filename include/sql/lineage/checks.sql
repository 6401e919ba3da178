-- The result of every rule for one load.
select
    cast(found.value ->> 'success' as boolean) as success,
    found.value -> 'expectation_config' -> 'meta' ->> 'rule' as rule,
    found.value -> 'expectation_config' ->> 'type' as expectation,
    found.value -> 'expectation_config' ->> 'severity' as severity,
    coalesce(
        found.value -> 'expectation_config' -> 'kwargs' ->> 'column',
        found.value -> 'expectation_config' -> 'kwargs' ->> 'column_A'
    ) as validated_column
from quality.validation as validation
cross join jsonb_array_elements(validation.result -> 'results') as found (value)
where validation.load_id = :load_id
order by validation.validation_id, rule;
