-- Grain: table of schema report. Its bytes without indexes, and about how many rows it has: those of its
-- latest analysis, scaled to its size now; null before the first one.
select
    relname as table_name,
    pg_table_size(oid) as byte_count,
    round(
        reltuples / nullif(relpages, 0) * pg_relation_size(oid) / current_setting('block_size')::int
    )::bigint as row_count
from pg_catalog.pg_class
where relnamespace = 'report'::regnamespace and relkind = 'r'
order by relname asc;
