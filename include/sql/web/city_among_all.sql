-- Grain: indicator × city. Where the latest values of a city, of its peers and of all others stand among all
-- cities with a value in the same unit, for indicators whose values differ. `share` is the share of the other
-- cities that have a smaller value; equal ones count half. Of the others, a chart shows every `step`-th.
with own as (
    select
        indicator,
        unit_measure
    from report.city_profile
    where ref_area = :ref_area
),

placed as (
    select
        profile.ref_area,
        profile.indicator,
        profile.pillar,
        profile.time_period,
        profile.obs_value,
        profile.unit_measure,
        profile.geo_basis,
        rank() over (partition by profile.indicator order by profile.obs_value) - 1 as below,
        count(*) over (partition by profile.indicator, profile.obs_value) - 1 as equal,
        count(*) over (partition by profile.indicator) - 1 as others,
        row_number() over (partition by profile.indicator order by profile.obs_value, profile.ref_area)
            as place
    from report.city_profile as profile
    inner join own using (indicator, unit_measure)
)

select
    placed.ref_area,
    placed.indicator,
    placed.pillar,
    placed.time_period,
    placed.obs_value,
    placed.unit_measure,
    placed.geo_basis,
    placed.others,
    greatest(placed.others / 100, 1) as step,
    catalogue.direction,
    peer.position as peer_position,
    (placed.below + placed.equal / 2.0)::double precision / placed.others as share
from placed
inner join catalog.indicator as catalogue using (indicator)
left join report.city_peer as peer
    on placed.ref_area = peer.peer_ref_area and peer.ref_area = :ref_area
where
    placed.others > 1
    and placed.equal < placed.others
    and (
        placed.ref_area = :ref_area
        or peer.position is not null
        or placed.place % greatest(placed.others / 100, 1) = 0
    )
order by placed.pillar, placed.indicator, placed.ref_area;
