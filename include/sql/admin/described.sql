-- What upgrades made in the warehouse's schemas and may carry a comment, with the comment it has.
with described as (
    select
        oid,
        nspname as schema_name
    from pg_catalog.pg_namespace
    where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')
),

relation as (
    select
        class.oid,
        described.schema_name,
        class.relname as name,
        case class.relkind
            when 'v' then 'view'
            when 'm' then 'materialized view'
            else 'table'
        end as kind
    from pg_catalog.pg_class as class
    inner join described on class.relnamespace = described.oid
    where
        class.relkind in ('r', 'p', 'v', 'm')
        and not class.relispartition
        -- Made with each rating, and commented there.
        and not (described.schema_name = 'report' and class.relname ~ '^wide_')
)

select
    'schema' as kind,
    schema_name,
    null as name,
    null as column_name,
    null as arguments,
    obj_description(oid, 'pg_namespace') as held
from described
union all
select
    kind,
    schema_name,
    name,
    null as column_name,
    null as arguments,
    obj_description(oid, 'pg_class') as held
from relation
union all
select
    'column' as kind,
    relation.schema_name,
    relation.name,
    attribute.attname as column_name,
    null as arguments,
    col_description(relation.oid, attribute.attnum) as held
from relation
inner join pg_catalog.pg_attribute as attribute on relation.oid = attribute.attrelid
where attribute.attnum > 0 and not attribute.attisdropped
union all
select
    'routine' as kind,
    described.schema_name,
    routine.proname as name,
    null as column_name,
    pg_get_function_identity_arguments(routine.oid) as arguments,
    obj_description(routine.oid, 'pg_proc') as held
from pg_catalog.pg_proc as routine
inner join described on routine.pronamespace = described.oid;
