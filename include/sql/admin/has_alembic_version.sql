-- Whether this database was made by the migrations from before the baseline.
select to_regclass('public.alembic_version') is not null;
