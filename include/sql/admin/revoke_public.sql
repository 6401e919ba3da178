-- Revokes what PostgreSQL grants to everybody in a database. Readers of the warehouse cannot fill its disk
-- with temporary tables, large objects, messages or snapshots, take the locks that loads wait for, end
-- sessions, or run loops within the server. tests/warehouse/reader_rights.txt lists what they may still
-- execute and set.
-- The administrator runs this within the warehouse.
revoke temporary on database warehouse from public;

do $$
declare
    restricted regprocedure;
begin
    for restricted in
        select oid
        from pg_catalog.pg_proc
        where
            pronamespace = 'pg_catalog'::regnamespace
            and proname ~ concat_ws(
                '|',
                '^lo_(?!import$|export$)', '^loread$', '^lowrite$',
                '^pg_(try_)?advisory_',
                '^pg_(cancel|terminate)_backend$',
                '^pg_export_snapshot$',
                '^pg_logical_emit_message$',
                '^pg_notify$'
            )
    loop
        execute 'revoke execute on function ' || restricted || ' from public';
        execute 'grant execute on function ' || restricted || ' to etl';
    end loop;
end
$$;

-- Last, because the block above is written in it.
revoke usage on language plpgsql from public;
grant usage on language plpgsql to etl;
