-- Creates the database that a backup is restored to, before it replaces the empty warehouse.
create database warehouse_restored owner etl;
