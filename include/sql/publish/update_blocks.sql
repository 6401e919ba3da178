-- Updates count, digest and load of the blocks that were compared. A block takes the digest of the load if
-- the load gave all of its observations as they are stored now, and keeps its own if none changed; otherwise
-- it has none, and the next load compares by observation. Its load is the one that last changed it.
with change as (
    select
        block_id,
        count(*) filter (where outcome = 'added') - count(*) filter (where outcome = 'withdrawn') as more,
        bool_or(outcome = 'outdated') as left_alone,
        bool_or(outcome in ('added', 'revised', 'withdrawn')) as changed
    from classified
    group by block_id
),

updated as (
    select
        block.block_id,
        block.observations,
        block.digest,
        block.stored_observations + coalesce(change.more, 0) as total,
        coalesce(change.left_alone, false) as left_alone,
        coalesce(change.changed, false) as changed
    from block
    left join change on block.block_id = change.block_id
    where block.verdict in ('known', 'absent')
)

update core.observation_block as stored
set
    observations = updated.total,
    digest = case
        when updated.total = updated.observations and not updated.left_alone then updated.digest
        when not updated.changed then stored.digest
    end,
    load_id = case when updated.changed then :load_id else stored.load_id end
from updated
where stored.block_id = updated.block_id;
