-- What an earlier or a failed restoration has left.
drop database if exists warehouse_restored;
