-- Every table that migrations made, so none of schema report: a line for each column, constraint, index and
-- trigger, as the server words it.
with held as (
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
from held
union all
select
    concat_ws(
        ' ', 'column', held.name, row_number() over (partition by held.oid order by attribute.attnum),
        attribute.attname, format_type(attribute.atttypid, attribute.atttypmod),
        case when attribute.attcollation <> 0 then attribute.attcollation::regcollation::text end,
        case when attribute.attnotnull then 'not null' end, nullif(attribute.attidentity, ''),
        pg_get_expr(fallback.adbin, fallback.adrelid)
    ) as described
from held
inner join pg_catalog.pg_attribute as attribute on held.oid = attribute.attrelid
left join pg_catalog.pg_attrdef as fallback
    on held.oid = fallback.adrelid and attribute.attnum = fallback.adnum
where attribute.attnum > 0 and not attribute.attisdropped
union all
-- Whether rows from before a constraint were checked is no part of it.
select
    concat_ws(
        ' ', 'constraint', held.name, rule.conname, replace(pg_get_constraintdef(rule.oid), ' NOT VALID', '')
    ) as described
from held
inner join pg_catalog.pg_constraint as rule on held.oid = rule.conrelid
where rule.contype <> 'n'
union all
select concat_ws(' ', 'index', held.name, pg_get_indexdef(index.indexrelid)) as described
from held
inner join pg_catalog.pg_index as index on held.oid = index.indrelid
union all
select concat_ws(' ', 'trigger', held.name, pg_get_triggerdef(trigger.oid)) as described
from held
inner join pg_catalog.pg_trigger as trigger on held.oid = trigger.tgrelid
where not trigger.tgisinternal;
