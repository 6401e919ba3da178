-- All tables that migrations created, so none of schema report: one line for each column, constraint, index
-- and trigger, as the server formats it.
with migrated as (
    select
        oid,
        reloptions,
        oid::regclass::text as name
    from pg_catalog.pg_class
    where
        relkind in ('r', 'p')
        and relname <> 'schema_version'
        and relnamespace::regnamespace::text in ('archive', 'catalog', 'core', 'ops', 'quality')
)

select concat_ws(' ', 'table', name, reloptions::text) as described
from migrated
union all
select
    concat_ws(
        ' ', 'column', migrated.name, row_number() over (partition by migrated.oid order by attribute.attnum),
        attribute.attname, format_type(attribute.atttypid, attribute.atttypmod),
        case when attribute.attcollation <> 0 then attribute.attcollation::regcollation::text end,
        case when attribute.attnotnull then 'not null' end, nullif(attribute.attidentity, ''),
        pg_get_expr(fallback.adbin, fallback.adrelid)
    ) as described
from migrated
inner join pg_catalog.pg_attribute as attribute on migrated.oid = attribute.attrelid
left join pg_catalog.pg_attrdef as fallback
    on migrated.oid = fallback.adrelid and attribute.attnum = fallback.adnum
where attribute.attnum > 0 and not attribute.attisdropped
union all
-- Ignores whether rows that are older than a constraint were checked.
select
    concat_ws(
        ' ', 'constraint', migrated.name, rule.conname,
        replace(pg_get_constraintdef(rule.oid), ' NOT VALID', '')
    ) as described
from migrated
inner join pg_catalog.pg_constraint as rule on migrated.oid = rule.conrelid
where rule.contype <> 'n'
union all
select concat_ws(' ', 'index', migrated.name, pg_get_indexdef(index.indexrelid)) as described
from migrated
inner join pg_catalog.pg_index as index on migrated.oid = index.indrelid
union all
select concat_ws(' ', 'trigger', migrated.name, pg_get_triggerdef(trigger.oid)) as described
from migrated
inner join pg_catalog.pg_trigger as trigger on migrated.oid = trigger.tgrelid
where not trigger.tgisinternal;
