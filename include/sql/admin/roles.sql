-- Creates the roles of the warehouse: etl owns it and writes; researcher and steward read what the schema
-- grants.
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

-- An administrator who is not a superuser must be a member of a role to create its database or act as it.
grant etl to current_user;
grant researcher to current_user;
grant steward to current_user;

-- Forgotten queries and open transactions must not block loads for ever.
alter role researcher set statement_timeout = '60s';
alter role researcher set idle_in_transaction_session_timeout = '5min';
alter role steward set statement_timeout = '5min';
alter role steward set idle_in_transaction_session_timeout = '5min';

-- Enough to compare a load of a hundred thousand observations, and to sort those of a rating, in memory.
alter role etl set work_mem = '64MB';
alter role etl set temp_buffers = '64MB';

-- The session of a lost machine, and its locks, end after a minute instead of hours.
alter role etl set tcp_keepalives_idle = '30s';
alter role etl set tcp_keepalives_interval = '10s';
alter role etl set tcp_keepalives_count = 3;
alter role etl set tcp_user_timeout = '60s';

-- Ends before the task itself times out, so that its error can name the session that holds the lock.
alter role etl set lock_timeout = '20min';
