-- The blocks of a load whose observations must be compared one by one.
select
    indicator,
    time_period
from block
where verdict = 'known';
