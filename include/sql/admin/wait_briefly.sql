-- Until this transaction ends: whoever reads a table queues behind a migration that waits for it.
set local lock_timeout = '1min';
