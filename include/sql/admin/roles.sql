-- The roles of the warehouse: etl owns it and writes, researcher and steward read what the schema grants.
do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'etl') then
        create role etl login;
    end if;
    if not exists (select from pg_catalog.pg_roles where rolname = 'researcher') then
        create role researcher login;
    end if;
    if not exists (select from pg_catalog.pg_roles where rolname = 'steward') then
        create role steward login;
    end if;
end
$$;

-- An administrator who is no superuser must be a member to make a database for a role or act as it.
grant etl to current_user;
grant researcher to current_user;
grant steward to current_user;

-- A forgotten query, or a transaction left open, does not hold up the loads for ever.
alter role researcher set statement_timeout = '60s';
alter role researcher set idle_in_transaction_session_timeout = '5min';
alter role steward set statement_timeout = '5min';
alter role steward set idle_in_transaction_session_timeout = '5min';

-- A load of a hundred thousand observations, and the observations of a rating, are compared and sorted in memory.
alter role etl set work_mem = '64MB';
alter role etl set temp_buffers = '64MB';

-- A machine that was lost keeps its session, and its locks, for a minute and not for hours.
alter role etl set tcp_keepalives_idle = '30s';
alter role etl set tcp_keepalives_interval = '10s';
alter role etl set tcp_keepalives_count = 3;
alter role etl set tcp_user_timeout = '60s';

-- A task that waits for a lock has time left to say for whom it waited in vain.
alter role etl set lock_timeout = '20min';
