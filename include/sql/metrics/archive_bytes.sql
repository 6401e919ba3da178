-- Grain: one row. The size of the archived files, as recorded when they were archived.
select coalesce(sum(byte_count), 0) as value
from archive.snapshot;
