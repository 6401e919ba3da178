-- Grain: load. The ten latest loads of each source, the latest first.
with numbered as (
    select
        quality.*,
        row_number() over (partition by quality.source order by quality.load_id desc) as age
    from report.data_quality as quality
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
    numbered.places_expected
from numbered
inner join catalog.source as source on numbered.source = source.source
where numbered.age <= 10
order by source.name asc, numbered.load_id desc;
