-- Until this transaction ends: whoever reads a table queues behind an upgrade that waits for it.
set local lock_timeout = '1min';
