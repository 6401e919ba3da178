-- Drops the empty warehouse, which the restored one replaces. The server refuses while somebody is connected.
drop database warehouse;
