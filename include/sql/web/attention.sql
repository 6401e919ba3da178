-- Grain: kind. How many things of each kind wait for a person, where there are any.
with verified as (
    select
        missing,
        damaged,
        unknown
    from archive.verification
    order by verification_id desc
    limit 1
),

counted as (
    select
        'failed_tasks' as kind,
        count(*) as things
    from ops.task_failure
    where failed_at >= current_timestamp - interval '7 days'
    union all
    select
        'unpublished' as kind,
        count(*) as things
    from ops.load
    where state = 'validated'
    union all
    select
        'unreported' as kind,
        count(*) as things
    from ops.load
    where state = 'published' and report_refresh_id is null
    union all
    select
        'unmatched' as kind,
        count(*) as things
    from report.unmatched_places
    union all
    select
        'departed' as kind,
        count(*) as things
    from catalog.ref_area as place
    where place.kind = 'city' and place.ref_area not in (select city.ref_area from catalog.city as city)
    union all
    (
        select
            'rejected_cases' as kind,
            rejected_rows as things
        from ops.best_practice_load
        order by best_practice_load_id desc
        limit 1
    )
    union all
    select
        'damaged_files' as kind,
        missing + damaged as things
    from verified
    union all
    select
        'unknown_files' as kind,
        unknown as things
    from verified
    union all
    select
        'warned' as kind,
        count(*) filter (where latest.warnings <> '{}') as things
    from (
        select distinct on (source) warnings
        from ops.load
        order by source asc, interval_end desc, load_id desc
    ) as latest
)

select
    kind,
    things
from counted
where things > 0
order by kind asc;
