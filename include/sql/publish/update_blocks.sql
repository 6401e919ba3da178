-- What the warehouse holds now of each block that was compared. Its digest is that of the load if the load
-- gave all of its observations, as they are held, and stays if none of them changed; otherwise it is not known,
-- and the next load compares by observation.
-- Its load is the one that last changed it.
with change as (
    select
        block_id,
        count(*) filter (where outcome = 'added') - count(*) filter (where outcome = 'withdrawn') as more,
        bool_or(outcome = 'outdated') as left_alone,
        bool_or(outcome in ('added', 'revised', 'withdrawn')) as changed
    from classified
    group by block_id
),

now_held as (
    select
        block.block_id,
        block.observations,
        block.digest,
        block.held_observations + coalesce(change.more, 0) as held_now,
        coalesce(change.left_alone, false) as left_alone,
        coalesce(change.changed, false) as changed
    from block
    left join change on block.block_id = change.block_id
    where block.verdict in ('known', 'absent')
)

update core.observation_block as held
set
    observations = now_held.held_now,
    digest = case
        when now_held.held_now = now_held.observations and not now_held.left_alone then now_held.digest
        when not now_held.changed then held.digest
    end,
    load_id = case when now_held.changed then :load_id else held.load_id end
from now_held
where held.block_id = now_held.block_id;
