-- The published or refused loads of a source, the last fetched first. `contents` lists the SHA-256 of the
-- files of a load, `rules` the rules that rejected its rows.
with
ours as (
    select
        load_id,
        interval_start,
        interval_end,
        partial,
        revision,
        state,
        declaration,
        code
    from ops.load
    where source = :source and state in ('published', 'refused')
),

fetched as (
    select
        ours.load_id,
        min(event.heard_at) as fetched_at,
        array_agg(event.sha256 order by event.fetch_id) as contents
    from ours
    inner join ops.load_fetch as load_fetch on ours.load_id = load_fetch.load_id
    inner join archive.fetch_event as event on load_fetch.fetch_id = event.fetch_id
    group by ours.load_id
)

select
    ours.load_id,
    ours.interval_start,
    ours.interval_end,
    ours.partial,
    ours.revision,
    ours.state,
    ours.declaration,
    ours.code,
    fetched.fetched_at,
    fetched.contents,
    array(
        select distinct rejected.rule
        from quality.rejected_row as rejected
        where rejected.load_id = ours.load_id
        order by rejected.rule
    ) as rules
from ours
inner join fetched on ours.load_id = fetched.load_id
order by fetched.fetched_at desc, ours.load_id desc;
