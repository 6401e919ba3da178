-- Classifies each staged row of the blocks to compare (added, revised, unchanged or outdated), and adds the
-- observations that the source withdrew: it gave them before, and gives them no more for an indicator and
-- period of this load, not even in a rejected row. A partial load withdraws nothing.
-- An observation from a later fetch is left alone (outdated), and so is everything that a complete load
-- fetched later covers, whether it changed anything or not.
-- `place` is the physical position of a stored observation; it cannot change while the source is locked.
create temporary table classified on commit drop as
with
fetched as (
    select
        event.fetch_id,
        event.heard_at
    from ops.load_fetch
    inner join archive.fetch_event as event on load_fetch.fetch_id = event.fetch_id
    where load_fetch.load_id = :load_id
    order by event.heard_at
    limit 1
),

known as (
    select
        state.*,
        block.indicator,
        block.time_period,
        block.outdated,
        state.ctid as place,
        event.heard_at
    from block
    inner join core.observation_state as state on block.block_id = state.block_id
    inner join archive.fetch_event as event on state.fetch_id = event.fetch_id
    where block.verdict in ('known', 'absent')
)

select
    incoming.ref_area,
    incoming.indicator,
    incoming.time_period,
    coalesce(known.version, 0) + 1 as version,
    incoming.freq,
    incoming.obs_value,
    incoming.unit_measure,
    incoming.obs_status,
    incoming.geo_basis,
    false as withdrawn,
    incoming.fetch_id,
    incoming.pointer,
    incoming.value_as_published,
    incoming.unit_as_published,
    incoming.fetch_id as last_fetch_id,
    block.block_id,
    known.place,
    case
        when
            known.obs_value = incoming.obs_value
            and known.unit_measure = incoming.unit_measure
            and known.obs_status = incoming.obs_status
            and known.geo_basis = incoming.geo_basis
            then 'unchanged'
        when known.heard_at > event.heard_at or block.outdated then 'outdated'
        when known.obs_value is null then 'added'
        else 'revised'
    end as outcome
from staged as incoming
inner join archive.fetch_event as event on incoming.fetch_id = event.fetch_id
inner join block
    on
        incoming.indicator = block.indicator
        and incoming.time_period = block.time_period
        and block.verdict = 'known'
left join known
    on block.block_id = known.block_id and incoming.ref_area = known.ref_area
union all
select
    known.ref_area,
    known.indicator,
    known.time_period,
    known.version + 1 as version,
    version.freq,
    null as obs_value,
    known.unit_measure,
    known.obs_status,
    known.geo_basis,
    true as withdrawn,
    null as fetch_id,
    null as pointer,
    null as value_as_published,
    null as unit_as_published,
    fetched.fetch_id as last_fetch_id,
    known.block_id,
    known.place,
    'withdrawn' as outcome
from known
inner join core.observation_version as version
    on
        known.indicator = version.indicator
        and known.time_period = version.time_period
        and known.ref_area = version.ref_area
        and version.source = :source
        and known.version = version.version
cross join fetched
where
    not :partial
    and known.obs_value is not null
    and known.heard_at <= fetched.heard_at
    and not known.outdated
    and not exists (
        select from staged
        where
            staged.ref_area = known.ref_area
            and staged.indicator = known.indicator
            and staged.time_period = known.time_period
    )
    and not exists (
        select from quality.rejected_row as rejected
        where
            rejected.load_id = :load_id
            and rejected.rule <> 'dropped_by_correction'
            and rejected.ref_area = known.ref_area
            and rejected.indicator = known.indicator
            and rejected.time_period = known.time_period
    );
