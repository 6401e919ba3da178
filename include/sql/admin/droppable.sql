-- The commands that drop all views and functions of the warehouse except trigger functions, with the rating
-- of each wide view. Newest first, because objects depend only on earlier ones.
select
    format('drop view %s;', class.oid::regclass) as command,
    case
        when starts_with(class.relname, 'wide_') then substr(class.relname, 6)
        -- Their name in older warehouses.
        when starts_with(class.relname, 'plain_') then substr(class.relname, 7)
    end as rating,
    class.oid
from pg_catalog.pg_class as class
where
    class.relkind = 'v'
    and class.relnamespace::regnamespace::text in ('archive', 'catalog', 'core', 'ops', 'quality', 'report')
union all
select
    format('drop function %s;', routine.oid::regprocedure) as command,
    null as rating,
    routine.oid
from pg_catalog.pg_proc as routine
where
    routine.prorettype <> 'trigger'::regtype
    and routine.pronamespace::regnamespace::text
    in ('archive', 'catalog', 'core', 'ops', 'quality', 'report')
order by oid desc;
