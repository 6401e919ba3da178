-- Grain: city × year. The ranks of a rating, and whether each is comparable with that of the year before, as
-- report.rating_history defines it; that view compares the cities of all ratings first.
with used as (
    select
        time_period,
        ref_area,
        array_agg(
            concat_ws('|', indicator, source, geo_basis, unit_measure, coalesce(denominator_source, ''))
            order by indicator
        ) as inputs
    from report.rating_indicator
    where rating = :rating and normalised is not null
    group by time_period, ref_area
),

rated as (
    select
        one.ref_area,
        one.time_period,
        one.rank,
        one.method_version,
        used.inputs
    from report.rating as one
    inner join used using (time_period, ref_area)
    where one.rating = :rating
)

select
    this.ref_area,
    this.time_period,
    this.rank,
    coalesce(
        before.method_version = this.method_version and before.inputs = this.inputs, false
    ) as comparable
from rated as this
left join rated as before
    on
        this.ref_area = before.ref_area
        and cast(this.time_period as integer) = cast(before.time_period as integer) + 1
where this.rank is not null
order by this.ref_area, this.time_period;
