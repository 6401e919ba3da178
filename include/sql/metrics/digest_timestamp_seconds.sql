-- Grain: one row, none before the first digest. When a digest was last sent.
select extract(epoch from max(sent_at)) as value
from ops.digest
having count(*) > 0;
