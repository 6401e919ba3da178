-- Grain: observation. What a published load changed, with the value before: withdrawn and revised ones first,
-- by the relative size of the change. known_from is indexed, and is that of the publication.
select
    later.ref_area,
    later.indicator,
    later.time_period,
    later.source,
    later.version,
    earlier.obs_value as value_before,
    later.obs_value as value_after,
    earlier.unit_measure as unit_before,
    later.unit_measure as unit_after,
    earlier.obs_status as status_before,
    later.obs_status as status_after,
    earlier.geo_basis as basis_before,
    later.geo_basis as basis_after,
    case
        when later.withdrawn then 'withdrawn'
        when earlier.obs_value is null then 'added'
        else 'revised'
    end as outcome
from ops.load as load
inner join core.observation_version as later
    on load.published_at = later.known_from and load.load_id = later.load_id
left join core.observation_version as earlier
    on
        later.indicator = earlier.indicator
        and later.time_period = earlier.time_period
        and later.source = earlier.source
        and later.ref_area = earlier.ref_area
        and later.version = earlier.version + 1
where load.load_id = :load_id
order by
    outcome desc,
    abs(later.obs_value - earlier.obs_value)
    / nullif(greatest(abs(later.obs_value), abs(earlier.obs_value)), 0) desc nulls last,
    later.indicator asc,
    later.time_period desc,
    later.ref_area asc
limit :count;
