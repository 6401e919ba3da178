-- Whether Alembic migrations, from before the baseline, created this database.
select to_regclass('public.alembic_version') is not null;
