-- Lists the objects of the warehouse's schemas that may have a comment, with their current comment.
with warehouse_schema as (
    select
        oid,
        nspname as schema_name
    from pg_catalog.pg_namespace
    where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')
),

relation as (
    select
        class.oid,
        warehouse_schema.schema_name,
        class.relname as name,
        case class.relkind
            when 'v' then 'view'
            when 'm' then 'materialized view'
            else 'table'
        end as kind
    from pg_catalog.pg_class as class
    inner join warehouse_schema on class.relnamespace = warehouse_schema.oid
    where
        class.relkind in ('r', 'p', 'v', 'm')
        and not class.relispartition
        -- report.make_wide_view creates and comments these.
        and not (warehouse_schema.schema_name = 'report' and class.relname ~ '^wide_')
)

select
    'schema' as kind,
    schema_name,
    null as name,
    null as column_name,
    null as arguments,
    obj_description(oid, 'pg_namespace') as comment
from warehouse_schema
union all
select
    kind,
    schema_name,
    name,
    null as column_name,
    null as arguments,
    obj_description(oid, 'pg_class') as comment
from relation
union all
select
    'column' as kind,
    relation.schema_name,
    relation.name,
    attribute.attname as column_name,
    null as arguments,
    col_description(relation.oid, attribute.attnum) as comment
from relation
inner join pg_catalog.pg_attribute as attribute on relation.oid = attribute.attrelid
where attribute.attnum > 0 and not attribute.attisdropped
union all
select
    'routine' as kind,
    warehouse_schema.schema_name,
    routine.proname as name,
    null as column_name,
    pg_get_function_identity_arguments(routine.oid) as arguments,
    obj_description(routine.oid, 'pg_proc') as comment
from pg_catalog.pg_proc as routine
inner join warehouse_schema on routine.pronamespace = warehouse_schema.oid;
