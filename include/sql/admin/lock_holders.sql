-- The sessions of this database that hold locks and wait for none, the oldest transaction first.
select
    session.pid,
    session.state,
    coalesce('at ' || host(session.client_addr), 'on this machine') as at,
    date_trunc('second', session.xact_start) as since,
    left(regexp_replace(session.query, '\s+', ' ', 'g'), 100) as query
from pg_catalog.pg_stat_activity as session
where
    session.datname = current_database()
    and session.pid <> pg_backend_pid()
    and session.xact_start is not null
    and session.wait_event_type is distinct from 'Lock'
    and exists (
        select
        from pg_catalog.pg_locks as lock
        where lock.pid = session.pid and lock.granted and lock.locktype in ('advisory', 'relation')
    )
order by session.xact_start
limit 3;
