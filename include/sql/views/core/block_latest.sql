-- Grain: indicator × period × source. The size of each block of observations, and when it last changed.
create view core.block_latest as
select block.indicator, block.time_period, block.source, block.observations, load.published_at as known_from
from core.observation_block as block
inner join ops.load as load using (load_id);
grant select on core.block_latest to researcher;
