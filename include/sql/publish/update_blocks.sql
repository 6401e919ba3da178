-- What the warehouse holds of each block now. The digest of a block is that of the load if the load gave all
-- of its figures, as they are held; otherwise it is not known, and the next load compares by figure. Its load
-- is the one that last changed it.
insert into core.observation_block (source, indicator, time_period, figures, digest, load_id)
with change as (
    select
        indicator,
        time_period,
        count(*) filter (where outcome = 'added') - count(*) filter (where outcome = 'withdrawn') as more,
        bool_or(outcome = 'outdated') as left_alone,
        bool_or(outcome in ('added', 'revised', 'withdrawn')) as changed
    from classified
    group by indicator, time_period
),

now_held as (
    select
        block.*,
        case
            when block.verdict = 'fresh' then block.figures
            else coalesce(block.held_figures, 0) + coalesce(change.more, 0)
        end as held_now,
        coalesce(change.left_alone, false) as left_alone,
        case when block.verdict = 'fresh' or change.changed then :load_id else block.held_load end
            as changed_by
    from block
    left join change on block.indicator = change.indicator and block.time_period = change.time_period
    -- A block of which nothing was ever known, and nothing becomes known, is none.
    where
        block.verdict <> 'same' and (block.verdict = 'fresh' or change.changed or block.held_load is not null)
)

select
    :source as source,
    indicator,
    time_period,
    held_now as figures,
    case when held_now = figures and not left_alone then digest end as digest,
    changed_by as load_id
from now_held
on conflict (source, indicator, time_period) do update
    set
        figures = excluded.figures,
        digest = excluded.digest,
        load_id = excluded.load_id;
