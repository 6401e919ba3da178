-- What kept the migrations from before the baseline; ops.schema_version takes its place.
drop table public.alembic_version;
