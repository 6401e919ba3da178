-- Grain: scenario, in a year. How far one step changed on its own moves the ranks, and which city most.
with shift as (
    select
        scenario.scenario,
        scenario.ref_area,
        abs(scenario.rank - rating.rank) as places
    from report.rating_uncertainty as scenario
    inner join report.rating as rating using (rating, time_period, ref_area)
    where scenario.rating = :rating and scenario.time_period = :period
),

most as (
    select distinct on (scenario)
        scenario,
        ref_area,
        places
    from shift
    order by scenario asc, places desc nulls last, ref_area asc
)

select
    most.scenario,
    most.ref_area,
    most.places,
    avg(shift.places) as mean_places,
    count(*) filter (where shift.places > 0) as moved
from most
inner join shift using (scenario)
group by most.scenario, most.ref_area, most.places
order by most.scenario asc;
