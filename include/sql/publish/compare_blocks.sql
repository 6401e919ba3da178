-- What each block of a load needs, of those that it gives and those held within its scope:
-- same: the warehouse holds just these observations; fresh: it holds nothing of the block, and no complete load
-- fetched later has spoken about it; absent: the load gives nothing of it; known: to be compared by observation.
create temporary table block on commit drop as
with
fetched as (
    select max(event.fetched_at) as last_fetched_at
    from ops.load_fetch
    inner join archive.fetch_event as event on load_fetch.fetch_id = event.fetch_id
    where load_fetch.load_id = :load_id
),

published as (
    select *
    from ops.load
    where source = :source and state = 'published' and not partial
),

heard as (
    select
        load.indicators,
        load.interval_start,
        load.interval_end
    from published as load
    inner join ops.load_fetch on load.load_id = load_fetch.load_id
    inner join archive.fetch_event as event on load_fetch.fetch_id = event.fetch_id
    group by load.load_id, load.indicators, load.interval_start, load.interval_end
    having min(event.fetched_at) > (select fetched.last_fetched_at from fetched)
),

held as (
    select *
    from core.observation_block
    where
        source = :source
        and indicator = any(:indicators)
        and time_period >= :first_period
        and time_period < :end_period
),

compared as (
    select
        held.indicator is null as fresh,
        staged.indicator is null as absent,
        staged.observations,
        staged.digest,
        held.block_id,
        held.observations as held_observations,
        held.load_id as held_load,
        coalesce(staged.indicator, held.indicator) as indicator,
        coalesce(staged.time_period, held.time_period) as time_period,
        coalesce(staged.digest = held.digest, false) as same
    from staged_block as staged
    full join held on staged.indicator = held.indicator and staged.time_period = held.time_period
    where staged.indicator is not null or not :partial
),

-- Whether a complete load that was fetched later has spoken about the block.
timed as (
    select
        compared.*,
        exists(
            select from heard
            where
                compared.indicator = any(heard.indicators)
                and make_date(compared.time_period::integer, 1, 1) >= heard.interval_start
                and make_date(compared.time_period::integer, 1, 1) < heard.interval_end
        ) as outdated
    from compared
)

select
    indicator,
    time_period,
    observations,
    digest,
    block_id,
    held_observations,
    held_load,
    outdated,
    case
        when same then 'same'
        when absent then 'absent'
        when fresh and not outdated then 'fresh'
        else 'known'
    end as verdict
from timed;
