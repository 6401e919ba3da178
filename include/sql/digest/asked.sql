-- How many sources answered since.
select count(*)
from ops.source_check
where checked_at >= :since;
