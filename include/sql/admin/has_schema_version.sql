-- Whether this database was upgraded since the baseline.
select to_regclass('ops.schema_version') is not null;
