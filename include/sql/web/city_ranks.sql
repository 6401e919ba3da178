-- Grain: rating × year. The ranks of a city, and whether each is comparable with that of the year before, as
-- report.rating_history defines it; that view compares all cities first.
with used as (
    select
        rating,
        time_period,
        array_agg(array[indicator, source, geo_basis, unit_measure, denominator_source] order by indicator)
        filter (where normalised is not null) as inputs
    from report.rating_indicator
    where ref_area = :ref_area and rating = any(:ratings)
    group by rating, time_period
),

rated as (
    select
        one.rating,
        one.time_period,
        one.rank,
        one.n_ranked,
        one.rank_p05,
        one.rank_p95,
        one.method_version,
        used.inputs
    from report.rating as one
    inner join used using (rating, time_period)
    where one.ref_area = :ref_area
)

select
    this.rating,
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
        and cast(this.time_period as integer) = cast(before.time_period as integer) + 1
where this.rank is not null
order by this.rating, this.time_period;
