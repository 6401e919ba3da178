-- Where a backup is restored to before it takes the place of the empty warehouse.
create database warehouse_restored owner etl;
