-- The columns of the table that publications append to.
select
    column_name,
    data_type,
    ordinal_position
from information_schema.columns
where table_schema = 'core' and table_name = 'observation_version'
order by ordinal_position;
