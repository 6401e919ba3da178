-- Grain: rating × city. The latest year with ranks of each rating, beside the year before; comparable: both
-- years use the same version of the method and, for the city, the same inputs.
with latest as (
    select
        rating,
        max(time_period) as time_period,
        (max(time_period)::integer - 1)::text as year_before
    from report.rating
    where rank is not null
    group by rating
),

used as (
    select
        detail.rating,
        detail.time_period,
        detail.ref_area,
        array_agg(
            array[
                detail.indicator,
                detail.source,
                detail.geo_basis,
                detail.unit_measure,
                detail.denominator_source
            ]
            order by detail.indicator
        ) as inputs
    from latest
    inner join report.rating_indicator as detail
        on
            latest.rating = detail.rating
            and detail.time_period in (latest.time_period, latest.year_before)
    where detail.normalised is not null
    group by detail.rating, detail.time_period, detail.ref_area
)

select
    this.rating,
    this.time_period,
    this.ref_area,
    this.city_name_en,
    this.city_name_ru,
    this.city_name_zh,
    this.score,
    this.rank,
    this.n_ranked,
    this.method_status,
    before.rank as rank_before,
    before.n_ranked as n_ranked_before,
    this.score - before.score as score_change,
    this.method_version = before.method_version and inputs.inputs = inputs_before.inputs as comparable
from latest
inner join report.rating as this
    on latest.rating = this.rating and latest.time_period = this.time_period
left join report.rating as before
    on
        latest.rating = before.rating
        and latest.year_before = before.time_period
        and this.ref_area = before.ref_area
left join used as inputs
    on
        latest.rating = inputs.rating
        and latest.time_period = inputs.time_period
        and this.ref_area = inputs.ref_area
left join used as inputs_before
    on
        latest.rating = inputs_before.rating
        and latest.year_before = inputs_before.time_period
        and this.ref_area = inputs_before.ref_area
where this.rank is not null
order by this.rating asc, this.rank asc, this.city_name_en asc;
