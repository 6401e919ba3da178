-- Grain: load. The rules that every row of the given loads was checked against.
create function quality.rules_checked(loads bigint[]) returns table (load_id bigint, rules text[])
language sql stable parallel safe as $$
    select validation.load_id, array_agg(distinct checked #>> '{expectation_config,meta,rule}')
    from quality.validation as validation
    cross join lateral jsonb_array_elements(validation.result -> 'results') as checked
    where validation.suite like '%.rows' and validation.load_id = any(loads)
    group by validation.load_id
$$;
