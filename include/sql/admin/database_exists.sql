-- Whether the server holds the database :name.
select exists(
    select 1
    from pg_catalog.pg_database
    where datname = :name
) as found;
