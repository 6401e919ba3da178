-- What each staged row means against what is known, and what the source withdrew: a figure that
-- it gave before for an indicator and period fetched now, and neither gives nor gave badly today;
-- a partial load withdraws nothing.
-- A figure known from a later fetch than this one is left alone (outdated), and so is all that a
-- complete load fetched later has spoken about, whether it changed anything or not.
create temporary table classified on commit drop as
with
incoming as (
    select
        staged.*,
        event.fetched_at
    from staged
    inner join archive.fetch_event as event on staged.fetch_id = event.fetch_id
),

fetched as (
    select
        min(event.fetched_at) as fetched_at,
        max(event.fetched_at) as last_fetched_at
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

known as (
    select *
    from core.observation_state
    where
        source = :source
        and indicator = any(:indicators)
        and time_period >= :first_period
        and time_period < :end_period
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
    incoming.fetched_at,
    case
        when
            not known.withdrawn
            and known.obs_value = incoming.obs_value
            and known.unit_measure = incoming.unit_measure
            and known.obs_status = incoming.obs_status
            and known.geo_basis = incoming.geo_basis
            then 'unchanged'
        when
            known.fetched_at > incoming.fetched_at
            or exists (
                select from heard
                where
                    incoming.indicator = any(heard.indicators)
                    and make_date(incoming.time_period::integer, 1, 1) >= heard.interval_start
                    and make_date(incoming.time_period::integer, 1, 1) < heard.interval_end
            )
            then 'outdated'
        when known.ref_area is null then 'added'
        when known.withdrawn then 'added'
        else 'revised'
    end as outcome
from incoming
left join known
    on
        incoming.ref_area = known.ref_area
        and incoming.indicator = known.indicator
        and incoming.time_period = known.time_period
union all
select
    known.ref_area,
    known.indicator,
    known.time_period,
    known.version + 1 as version,
    known.freq,
    null as obs_value,
    known.unit_measure,
    known.obs_status,
    known.geo_basis,
    true as withdrawn,
    null as fetch_id,
    null as pointer,
    null as value_as_published,
    null as unit_as_published,
    fetched.fetched_at,
    'withdrawn' as outcome
from known
cross join fetched
where
    not :partial
    and not known.withdrawn
    and known.fetched_at <= fetched.fetched_at
    and not exists (
        select from heard
        where
            known.indicator = any(heard.indicators)
            and make_date(known.time_period::integer, 1, 1) >= heard.interval_start
            and make_date(known.time_period::integer, 1, 1) < heard.interval_end
    )
    and not exists (
        select from incoming
        where
            incoming.ref_area = known.ref_area
            and incoming.indicator = known.indicator
            and incoming.time_period = known.time_period
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
