-- The two roles of the warehouse: etl owns it and writes, researcher reads what the migrations grant.
do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'etl') then
        create role etl login;
    end if;
    if not exists (select from pg_catalog.pg_roles where rolname = 'researcher') then
        create role researcher login;
    end if;
end
$$;

-- An administrator who is no superuser must be a member to make a database for a role or act as it.
grant etl to current_user;
grant researcher to current_user;
