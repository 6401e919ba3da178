-- Grain: column of a table of schema report. The tables as they are in the database: types with collation C,
-- columns of the key, names of other constraints, and the declaration they were created from, if known.
with report_table as (
    select
        class.oid,
        class.relname as table_name,
        key.conkey as key_columns,
        obj_description(key.oid, 'pg_constraint') as made_by,
        array(
            select other.conname::text
            from pg_catalog.pg_constraint as other
            where other.conrelid = class.oid and other.contype in ('c', 'f', 'u')
            order by other.conname
        ) as constraints
    from pg_catalog.pg_class as class
    left join pg_catalog.pg_constraint as key on class.oid = key.conrelid and key.contype = 'p'
    where class.relnamespace = 'report'::regnamespace and class.relkind = 'r'
)

select
    report_table.table_name,
    attribute.attname as column_name,
    attribute.attnotnull as required,
    report_table.constraints,
    report_table.made_by,
    format_type(attribute.atttypid, attribute.atttypmod)
    || case when sorting.collname = 'C' then ' collate "C"' else '' end as column_type,
    array_position(report_table.key_columns, attribute.attnum) as key_position
from report_table
inner join pg_catalog.pg_attribute as attribute
    on report_table.oid = attribute.attrelid and attribute.attnum > 0 and not attribute.attisdropped
left join pg_catalog.pg_collation as sorting on attribute.attcollation = sorting.oid
order by report_table.table_name asc, attribute.attnum asc;
