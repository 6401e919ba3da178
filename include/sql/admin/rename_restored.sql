-- Renames the restored database to warehouse.
alter database warehouse_restored rename to warehouse;
