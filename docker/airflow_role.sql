-- The role of Airflow's metadata, which it owns and nobody else may open.
do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'airflow') then
        create role airflow login;
    end if;
end
$$;

alter database airflow owner to airflow;
revoke connect on database airflow from public;
