-- How many sources answered their latest check within a span.
select count(*)
from ops.source_check
where checked_at >= :since and checked_at < :until;
