-- Drops Alembic's version table, from before the baseline; ops.schema_version replaces it.
drop table public.alembic_version;
