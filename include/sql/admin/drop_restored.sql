-- Drops the database that an earlier or failed restoration left.
drop database if exists warehouse_restored;
