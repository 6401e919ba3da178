-- Ends the sessions of a role whose statement or transaction is older than its limit, and lists them. A role
-- may lift its own timeouts, but not this. An idle session without a transaction stays.
select
    session.pid,
    session.usename as role,
    coalesce('at ' || host(session.client_addr), 'on this machine') as at,
    case when session.state = 'active' then 'statement' else 'transaction' end as what,
    date_trunc('second', least(session.xact_start, session.query_start)) as since,
    left(regexp_replace(session.query, '\s+', ' ', 'g'), 100) as query,
    pg_terminate_backend(session.pid) as ended
from pg_catalog.pg_stat_activity as session
where
    session.usename = :role
    and session.backend_type = 'client backend'
    and (
        (
            session.state = 'active'
            and clock_timestamp() - session.query_start > make_interval(secs => :statement)
        )
        or clock_timestamp() - session.xact_start > make_interval(secs => :transaction)
    );
