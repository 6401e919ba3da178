-- Inserts the fresh blocks of a load as it gives them.
insert into core.observation_block (source, indicator, time_period, observations, digest, load_id)
select
    :source as source,
    indicator,
    time_period,
    observations,
    digest,
    :load_id as load_id
from block
where verdict = 'fresh'
order by indicator, time_period
returning indicator, time_period, block_id;
