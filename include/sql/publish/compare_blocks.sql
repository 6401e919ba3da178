-- Classifies each block that the load gives, or that is stored within its scope. same: exactly these
-- observations are stored; fresh: nothing of the block is stored, and no complete load fetched later covers
-- it; absent: the load gives nothing of it; known: to be compared by observation.
create temporary table block on commit drop as
with
fetched as (
    select max(event.heard_at) as last_fetched_at
    from ops.load_fetch
    inner join archive.fetch_event as event on load_fetch.fetch_id = event.fetch_id
    where load_fetch.load_id = :load_id
),

published as (
    select *
    from ops.load
    where source = :source and state = 'published' and not partial
),

later_load as (
    select
        load.indicators,
        load.interval_start,
        load.interval_end
    from published as load
    inner join ops.load_fetch on load.load_id = load_fetch.load_id
    inner join archive.fetch_event as event on load_fetch.fetch_id = event.fetch_id
    group by load.load_id, load.indicators, load.interval_start, load.interval_end
    having min(event.heard_at) > (select fetched.last_fetched_at from fetched)
),

stored as (
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
        stored.indicator is null as fresh,
        staged.indicator is null as absent,
        staged.observations,
        staged.digest,
        stored.block_id,
        stored.observations as stored_observations,
        stored.load_id as stored_load,
        coalesce(staged.indicator, stored.indicator) as indicator,
        coalesce(staged.time_period, stored.time_period) as time_period,
        coalesce(staged.digest = stored.digest, false) as same
    from staged_block as staged
    full join stored on staged.indicator = stored.indicator and staged.time_period = stored.time_period
    where staged.indicator is not null or not :partial
),

-- outdated: a complete load that was fetched later covers the block.
timed as (
    select
        compared.*,
        exists(
            select from later_load
            where
                compared.indicator = any(later_load.indicators)
                and make_date(compared.time_period::integer, 1, 1) >= later_load.interval_start
                and make_date(compared.time_period::integer, 1, 1) < later_load.interval_end
        ) as outdated
    from compared
)

select
    indicator,
    time_period,
    observations,
    digest,
    block_id,
    stored_observations,
    stored_load,
    outdated,
    case
        when same then 'same'
        when absent then 'absent'
        when fresh and not outdated then 'fresh'
        else 'known'
    end as verdict
from timed;
