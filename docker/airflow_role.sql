-- The role that owns Airflow's metadata database; no other role may connect to it.
do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'airflow') then
        create role airflow login;
    end if;
end
$$;

alter database airflow owner to airflow;
revoke connect on database airflow from public;
