-- Trigger that refuses to change append-only tables.
create or replace function core.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%.% is append-only: publish a new version instead', tg_table_schema, tg_table_name;
end
$$;
