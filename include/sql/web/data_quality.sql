-- Grain: source. The load of the latest interval of each source, of several the newest, and how many loads
-- of it there are: all, and those refused or unpublished that no newer load of their interval replaced.
with aged as (
    select
        *,
        row_number() over (
            partition by source, interval_start, interval_end
            order by load_id desc
        ) as age
    from report.data_quality
),

numbered as (
    select
        quality.*,
        row_number() over (
            partition by quality.source
            order by quality.interval_end desc, quality.load_id desc
        ) as place,
        count(*) over of_source as loads,
        count(*) filter (
            where quality.state = 'refused' and quality.accepted_by is null and quality.age = 1
        ) over of_source as refused,
        count(*) filter (where quality.state = 'validated' and quality.age = 1) over of_source as unpublished
    from aged as quality
    window of_source as (partition by quality.source)
)

select
    numbered.source,
    source.name,
    numbered.load_id,
    numbered.interval_start,
    numbered.interval_end,
    numbered.state,
    numbered.refusals,
    numbered.warnings,
    numbered.accepted_by,
    numbered.validated_at,
    numbered.rules_run,
    numbered.rules_failed,
    numbered.read_rows,
    numbered.rejected_rows,
    numbered.rejected_share,
    numbered.rejected_by_rule,
    numbered.newest_period,
    numbered.days_since_fetch,
    numbered.places_with_value,
    numbered.places_expected,
    numbered.loads,
    numbered.refused,
    numbered.unpublished
from numbered
inner join catalog.source as source on numbered.source = source.source
where numbered.place = 1
order by source.name asc;
