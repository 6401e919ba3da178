-- Grain: rating × city × year. The ranks of some cities, and whether each is comparable with that of the
-- year before, as report.rating_history defines it; that view compares the cities of all ratings first.
with used as (
    select
        rating,
        time_period,
        ref_area,
        array_agg(
            concat_ws('|', indicator, source, geo_basis, unit_measure, coalesce(denominator_source, ''))
            order by indicator
        ) as inputs
    from report.rating_indicator
    where
        rating = any(:ratings)
        and ref_area = any(:cities)
        and normalised is not null
    group by rating, time_period, ref_area
),

rated as (
    select
        one.rating,
        one.ref_area,
        one.time_period,
        one.rank,
        one.n_ranked,
        one.rank_p05,
        one.rank_p95,
        lag(one.time_period::integer) over of_city as year_before,
        lag(one.method_version) over of_city = one.method_version
        and lag(used.inputs) over of_city = used.inputs as unchanged
    from report.rating as one
    inner join used using (rating, time_period, ref_area)
    where one.rating = any(:ratings) and one.ref_area = any(:cities)
    window of_city as (partition by one.rating, one.ref_area order by one.time_period)
)

select
    rating,
    ref_area,
    time_period,
    rank,
    n_ranked,
    rank_p05,
    rank_p95,
    coalesce(year_before = time_period::integer - 1 and unchanged, false) as comparable
from rated
where rank is not null
order by rating, ref_area, time_period;
