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
        one.method_version,
        used.inputs
    from report.rating as one
    inner join used using (rating, time_period, ref_area)
    where one.rating = any(:ratings) and one.ref_area = any(:cities)
)

select
    this.rating,
    this.ref_area,
    this.time_period,
    this.rank,
    this.n_ranked,
    this.rank_p05,
    this.rank_p95,
    coalesce(
        before.method_version = this.method_version and before.inputs = this.inputs, false
    ) as comparable
from rated as this
left join rated as before
    on
        this.rating = before.rating
        and this.ref_area = before.ref_area
        and cast(this.time_period as integer) = cast(before.time_period as integer) + 1
where this.rank is not null
order by this.rating, this.ref_area, this.time_period;
