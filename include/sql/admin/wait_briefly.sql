-- Limits how long this transaction waits for a lock: readers of a table queue behind an upgrade that waits
-- for it.
set local lock_timeout = '1min';
