-- How far a source usually revises its observations, by indicator: of each load that revised the indicator,
-- the size that nine tenths of its revisions stay within; of these sizes, the median (the lower one of two).
-- A size is the relative difference of two successive values by the larger of them. Only loads that revised
-- something are read: known_from is indexed, and is that of the publication.
with
revision as (
    select
        later.indicator,
        later.load_id,
        abs(later.obs_value - earlier.obs_value)
        / nullif(greatest(abs(later.obs_value), abs(earlier.obs_value)), 0) as size
    from ops.load as load
    inner join core.observation_version as later
        on load.published_at = later.known_from and load.load_id = later.load_id
    inner join core.observation_version as earlier
        on
            later.indicator = earlier.indicator
            and later.time_period = earlier.time_period
            and later.source = earlier.source
            and later.ref_area = earlier.ref_area
            and later.version = earlier.version + 1
            and later.unit_measure = earlier.unit_measure
    where
        load.source = :source
        and load.revised > 0
        and later.source = :source
        and later.indicator = any(:indicators)
        and later.version > 1
        and later.obs_value <> earlier.obs_value
),

of_load as (
    select
        indicator,
        percentile_disc(0.9) within group (order by size) as size
    from revision
    group by indicator, load_id
)

select
    indicator,
    percentile_disc(0.5) within group (order by size) as size
from of_load
group by indicator;
