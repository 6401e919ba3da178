-- Grain: column. The columns that report.lineage returns, with their types.
select
    given.name,
    format_type(given.type, null) as type
from
    pg_catalog.pg_proc as routine,
    unnest(routine.proallargtypes, routine.proargmodes, routine.proargnames) with ordinality
        as given (type, mode, name, position)
where routine.oid = 'report.lineage(text, jsonb)'::regprocedure and given.mode = 't'
order by given.position;
