-- The last of the migrations from before the baseline that this database has seen.
select version_num from public.alembic_version;
