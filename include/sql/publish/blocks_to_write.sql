-- The blocks of a load whose figures must be sent.
select
    indicator,
    time_period,
    verdict
from block
where verdict in ('fresh', 'known');
