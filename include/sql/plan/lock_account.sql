-- Serialises the planning of requests of an account; released with the transaction.
select pg_advisory_xact_lock(hashtextextended('plan ' || :account, 0));
