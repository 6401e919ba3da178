-- What PostgreSQL lets everybody do in a database: the warehouse's readers may not fill its disk, by
-- temporary tables or large objects, nor hold the locks that loads wait for. For the administrator, within
-- the warehouse.
revoke temporary on database warehouse from public;

revoke execute on function
lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea)
from public;

do $$
declare
    taken regprocedure;
begin
    for taken in
        select oid from pg_catalog.pg_proc
        where pronamespace = 'pg_catalog'::regnamespace and proname ~ '^pg_(try_)?advisory_'
    loop
        execute 'revoke execute on function ' || taken || ' from public';
        execute 'grant execute on function ' || taken || ' to etl';
    end loop;
end
$$;
