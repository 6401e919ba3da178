-- The latest Alembic migration, from before the baseline, that was applied to this database.
select version_num from public.alembic_version;
