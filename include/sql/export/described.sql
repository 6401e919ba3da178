-- A digest that changes whenever a table or view that can be exported gains, loses or alters a column.
select
    md5(
        string_agg(
            concat_ws(' ', attribute.attrelid, attribute.attnum, attribute.attname, attribute.xmin),
            ',' order by attribute.attrelid, attribute.attnum
        )
    ) as digest
from pg_catalog.pg_attribute as attribute
inner join pg_catalog.pg_class as relation on attribute.attrelid = relation.oid
inner join pg_catalog.pg_namespace as namespace on relation.relnamespace = namespace.oid
where
    relation.relkind in ('r', 'p', 'v', 'm')
    and (namespace.nspname = 'report' or (namespace.nspname = 'core' and relation.relname = 'observation'));
