-- Grain: one row. Archived files that the latest verification found missing or damaged.
select count(*) as value
from archive.lost_file;
