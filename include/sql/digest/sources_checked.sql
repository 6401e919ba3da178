-- Counts the sources that last answered a check in a period.
select count(*)
from ops.source_check
where checked_at >= :since and checked_at < :until;
