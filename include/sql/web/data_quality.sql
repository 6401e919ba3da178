-- Grain: source. The load of the latest interval of each source, of several the newest, and how many loads
-- of it there are: all, and those refused or unpublished that no newer load of their interval replaced.
-- places_with_value are those of the indicator and year with the most places, within the years of the load;
-- most_places the same of all years. Blocks count them, so that no observation is read.
with aged as (
    select
        load.*,
        override.accepted_by,
        row_number() over (
            partition by load.source, load.interval_start, load.interval_end
            order by load.load_id desc
        ) as age
    from ops.load as load
    left join ops.load_override as override on load.load_id = override.load_id
),

numbered as (
    select
        aged.*,
        row_number() over (
            partition by aged.source
            order by aged.interval_end desc, aged.load_id desc
        ) as place,
        count(*) over of_source as loads,
        count(*) filter (
            where aged.state = 'refused' and aged.accepted_by is null and aged.age = 1
        ) over of_source as refused,
        count(*) filter (where aged.state = 'validated' and aged.age = 1) over of_source as unpublished
    from aged
    window of_source as (partition by aged.source)
),

counted as (
    select
        rejection.load_id,
        rejection.rule,
        count(*) as n_rows
    from quality.rejected_row as rejection
    inner join numbered on rejection.load_id = numbered.load_id and numbered.place = 1
    group by rejection.load_id, rejection.rule
),

rejected as (
    select
        load_id,
        jsonb_object_agg(rule, n_rows) as by_rule
    from counted
    group by load_id
)

select
    latest.source,
    source.name,
    latest.load_id,
    latest.interval_start,
    latest.interval_end,
    latest.state,
    latest.refusals,
    latest.warnings,
    latest.accepted_by,
    latest.validated_at,
    coalesce(checks.rules_run, 0) as rules_run,
    coalesce(checks.rules_failed, 0) as rules_failed,
    latest.read_rows,
    latest.rejected_rows,
    latest.rejected_rows / nullif(latest.read_rows, 0)::double precision as rejected_share,
    coalesce(rejected.by_rule, '{}') as rejected_by_rule,
    stored.newest_period,
    extract(day from current_timestamp - fetched.last_fetched_at)::integer as days_since_fetch,
    stored.places_with_value,
    stored.most_places,
    latest.loads,
    latest.refused,
    latest.unpublished
from numbered as latest
inner join catalog.source as source on latest.source = source.source
left join archive.last_fetch as fetched on latest.source = fetched.source
left join lateral (
    select
        sum(validation.evaluated)::integer as rules_run,
        sum(validation.failed)::integer as rules_failed
    from quality.validation as validation
    where validation.load_id = latest.load_id
) as checks on true
left join rejected on latest.load_id = rejected.load_id
left join lateral (
    select
        max(block.time_period) as newest_period,
        max(block.observations) as most_places,
        coalesce(max(block.observations) filter (
            -- A year belongs to the load if it begins within the interval.
            where block.time_period >= (extract(year from latest.interval_start - 1) + 1)::text
            and block.time_period < (extract(year from latest.interval_end - 1) + 1)::text
        ), 0) as places_with_value
    from core.observation_block as block
    where block.source = latest.source and block.observations > 0
) as stored on true
where latest.place = 1
order by source.name asc;
