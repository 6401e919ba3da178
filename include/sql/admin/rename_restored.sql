-- The restored warehouse becomes the warehouse.
alter database warehouse_restored rename to warehouse;
