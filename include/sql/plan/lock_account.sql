-- One plan an account at a time; released with the transaction.
select pg_advisory_xact_lock(hashtextextended('plan ' || :account, 0));
