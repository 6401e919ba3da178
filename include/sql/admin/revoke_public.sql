-- Revokes what PostgreSQL grants to everybody in a database: readers of the warehouse cannot fill its disk
-- with temporary tables or large objects, nor take the locks that loads wait for. The administrator runs it
-- within the warehouse.
revoke temporary on database warehouse from public;

revoke execute on function
lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea)
from public;

do $$
declare
    advisory_function regprocedure;
begin
    for advisory_function in
        select oid from pg_catalog.pg_proc
        where pronamespace = 'pg_catalog'::regnamespace and proname ~ '^pg_(try_)?advisory_'
    loop
        execute 'revoke execute on function ' || advisory_function || ' from public';
        execute 'grant execute on function ' || advisory_function || ' to etl';
    end loop;
end
$$;
