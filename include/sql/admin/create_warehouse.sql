-- Creates the warehouse, owned by the role that loads it.
create database warehouse owner etl;
