-- Tables of the warehouse's schemas; a partitioned table is listed once.
select
    schema.nspname as schema_name,
    class.relname as table_name
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as schema on class.relnamespace = schema.oid
where
    class.relkind in ('r', 'p', 'm')
    and not class.relispartition
    and schema.nspname in ('archive', 'catalog', 'core', 'ops', 'quality', 'report')
order by schema.nspname, class.relname;
