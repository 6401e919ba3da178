-- Grain: scenario, in a year. How far one step changed on its own moves the ranks, and which city most.
with shift as materialized (
    select
        scenario.scenario,
        scenario.ref_area,
        abs(scenario.rank - rating.rank) as places
    from report.rating_uncertainty as scenario
    inner join report.rating as rating using (rating, time_period, ref_area)
    where scenario.rating = :rating and scenario.time_period = :period
),

counted as (
    select
        scenario,
        max(places) as places,
        avg(places) as mean_places,
        count(*) filter (where places > 0) as moved
    from shift
    group by scenario
)

select
    counted.scenario,
    min(most.ref_area) as ref_area,
    counted.places,
    counted.mean_places,
    counted.moved
from counted
left join shift as most on counted.scenario = most.scenario and counted.places = most.places
group by counted.scenario, counted.places, counted.mean_places, counted.moved
order by counted.scenario asc;
