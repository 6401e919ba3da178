-- What the warehouse holds of each block now. The digest of a block is that of the load if the load gave all
-- of its figures, as they are held; otherwise it is not known, and the next load compares by figure.
insert into core.observation_block (source, indicator, time_period, figures, digest, load_id)
with held as (
    select
        block.indicator,
        block.time_period,
        count(state.ref_area) as figures
    from block
    left join core.observation_state as state
        on
            block.indicator = state.indicator
            and block.time_period = state.time_period
            and state.source = :source
            and state.obs_value is not null
    where block.verdict in ('known', 'absent')
    group by block.indicator, block.time_period
),

left_alone as (
    select distinct
        indicator,
        time_period
    from classified
    where outcome = 'outdated'
)

select
    :source as source,
    block.indicator,
    block.time_period,
    coalesce(held.figures, block.figures) as figures,
    case
        when block.verdict = 'fresh' or (held.figures = block.figures and left_alone.indicator is null)
            then block.digest
    end as digest,
    :load_id as load_id
from block
left join held on block.indicator = held.indicator and block.time_period = held.time_period
left join left_alone
    on block.indicator = left_alone.indicator and block.time_period = left_alone.time_period
where block.verdict <> 'same'
on conflict (source, indicator, time_period) do update
    set
        figures = excluded.figures,
        digest = excluded.digest,
        load_id = excluded.load_id;
