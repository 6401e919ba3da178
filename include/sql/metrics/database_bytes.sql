-- Grain: one row. The size of the warehouse.
select pg_database_size(current_database()) as value;
