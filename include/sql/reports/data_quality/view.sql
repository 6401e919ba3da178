-- Grain: source × load. Inputs: ops.load, quality.validation, quality.rejected_row, core.observation.
-- Rules, rows and their trend are of the load; newest_period and the days since a fetch are of its source
-- now; places are those with a figure of the source now within the years that the load spoke of.
-- A fetch that found the source unchanged is not in the ledger: the days count from the last that was kept.
with place as (
    select
        ref_area,
        'city' as kind
    from catalog.city
    union all
    select
        ref_area,
        'country' as kind
    from catalog.country
),

-- Grain: source × period × place, so that a hundred loads are not each held against every figure.
known as (
    select distinct
        observation.source,
        observation.time_period,
        place.ref_area,
        place.kind
    from core.observation as observation
    inner join place on observation.ref_area = place.ref_area
),

held as (
    select
        source,
        max(time_period) as newest_period,
        array_agg(distinct kind) as kinds
    from known
    group by source
),

expected as (
    select
        held.source,
        count(*) as places
    from held
    inner join place on place.kind = any(held.kinds)
    group by held.source
),

fetched as (
    select
        source,
        max(fetched_at) as last_fetched_at
    from archive.fetch_event
    group by source
),

validation as (
    select
        load_id,
        sum(evaluated) as evaluated,
        sum(failed) as failed
    from quality.validation
    group by load_id
),

refusal as (
    select
        load_id,
        rule,
        count(*) as refused
    from quality.rejected_row
    group by load_id, rule
),

rejected as (
    select
        load_id,
        jsonb_object_agg(rule, refused) as by_rule
    from refusal
    group by load_id
),

covered as (
    select
        load.load_id,
        count(distinct known.ref_area) as places
    from ops.load as load
    inner join known
        on
            load.source = known.source
            -- A year belongs to the load if it begins within the interval.
            and known.time_period >= (extract(year from load.interval_start - 1) + 1)::text
            and known.time_period < (extract(year from load.interval_end - 1) + 1)::text
    group by load.load_id
),

judged as (
    select
        *,
        rejected_rows / nullif(read_rows, 0)::double precision as rejected_share
    from ops.load
)

select
    load.load_id,
    load.source,
    load.dag_id,
    load.run_id,
    load.interval_start,
    load.interval_end,
    load.state,
    load.refusals,
    load.validated_at,
    load.published_at,
    override.accepted_by,
    override.reason as accepted_because,
    load.read_rows,
    load.accepted_rows,
    load.rejected_rows,
    load.rejected_share,
    held.newest_period,
    fetched.last_fetched_at,
    expected.places::integer as places_expected,
    coalesce(covered.places, 0)::integer as places_with_figure,
    coalesce(validation.evaluated, 0)::integer as rules_run,
    coalesce(validation.failed, 0)::integer as rules_failed,
    coalesce(rejected.by_rule, '{}') as rejected_by_rule,
    lag(load.rejected_share) over (partition by load.source order by load.load_id) as previous_rejected_share,
    extract(day from current_timestamp - fetched.last_fetched_at)::integer as days_since_fetch
from judged as load
left join held on load.source = held.source
left join expected on load.source = expected.source
left join fetched on load.source = fetched.source
left join validation on load.load_id = validation.load_id
left join rejected on load.load_id = rejected.load_id
left join covered on load.load_id = covered.load_id
left join ops.load_override as override on load.load_id = override.load_id;
