-- Grain: one row. The sizes of warehouse and archive, and those that the digest before showed.
select
    pg_database_size(current_database()) as database_bytes,
    (select cast(coalesce(sum(file.byte_count), 0) as bigint) from archive.snapshot as file) as archive_bytes,
    before.until as before,
    before.database_bytes as database_bytes_before,
    before.archive_bytes as archive_bytes_before
from (select cast(:until as timestamptz) as until) as this
left join lateral (
    select sent.*
    from ops.digest as sent
    where sent.until < this.until
    order by sent.until desc
    limit 1
) as before on true;
