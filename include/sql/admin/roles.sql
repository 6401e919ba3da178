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

-- Forgotten queries and open transactions must not block loads for ever. A role may raise these limits for
-- itself; watch_readers then ends its sessions (city_indicators.warehouse.readers has the same limits).
alter role researcher set statement_timeout = '1min';
alter role researcher set transaction_timeout = '10min';
alter role researcher set idle_in_transaction_session_timeout = '5min';
alter role steward set statement_timeout = '5min';
alter role steward set transaction_timeout = '30min';
alter role steward set idle_in_transaction_session_timeout = '5min';

-- So that etl sees and may end the sessions of readers.
grant researcher to etl;
grant steward to etl;

-- Only the administrator can raise these.
alter role researcher connection limit 20;
alter role steward connection limit 10;
do $$
begin
    -- An administrator who is not a superuser may not limit temporary files.
    if has_parameter_privilege(current_user, 'temp_file_limit', 'set') then
        alter role researcher set temp_file_limit = '512MB';
        alter role steward set temp_file_limit = '512MB';
    end if;
end
$$;

-- The statement of a client that has gone ends, and with it its transaction and locks.
alter role etl set client_connection_check_interval = '10s';
alter role researcher set client_connection_check_interval = '10s';
alter role steward set client_connection_check_interval = '10s';

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
