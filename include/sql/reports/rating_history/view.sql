-- Grain: rating × year × city. Each year beside the one before. Places are won and lost among the cities that
-- both years rank. The years of a city can be compared if they were made by the same version of the method
-- from figures of the same indicators, sources, geographic bases and units.
with
used as (
    select
        rating,
        time_period,
        ref_area,
        array_agg(
            array[indicator, source, geo_basis, unit_measure, denominator_source] order by indicator
        ) filter (where normalised is not null) as figures
    from report.rating_indicator
    group by rating, time_period, ref_area
),

-- The cities that both years rank, ranked among each other.
in_both as (
    select
        this.rating,
        this.time_period,
        this.ref_area,
        -- Equal cities share a rank as the method has it.
        case method.document ->> 'ties'
            when 'max' then count(*) over earlier - count(*) over later
            when 'dense' then dense_rank() over earlier - dense_rank() over later
            else rank() over earlier - rank() over later
        end as places_won
    from report.rating as this
    inner join report.rating as before
        on
            this.rating = before.rating
            and this.ref_area = before.ref_area
            and before.time_period = (this.time_period::integer - 1)::text
    left join catalog.method as method
        on this.rating = method.rating and this.method_version = method.method_version
    where this.rank is not null and before.rank is not null
    window
        earlier as (partition by this.rating, this.time_period order by before.rank),
        later as (partition by this.rating, this.time_period order by this.rank)
),

compared as (
    select
        rating,
        time_period,
        count(*) as cities
    from in_both
    group by rating, time_period
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
    before.score as score_prev,
    before.rank as rank_prev,
    before.n_ranked as n_ranked_prev,
    in_both.places_won::integer as rank_change,
    this.score - before.score as score_change,
    coalesce(compared.cities, 0)::integer as n_compared,
    before.method_version = this.method_version
    and used_before.figures = used.figures as comparable_with_prev
from report.rating as this
inner join used
    on
        this.rating = used.rating
        and this.time_period = used.time_period
        and this.ref_area = used.ref_area
left join report.rating as before
    on
        this.rating = before.rating
        and this.ref_area = before.ref_area
        and before.time_period = (this.time_period::integer - 1)::text
left join used as used_before
    on
        before.rating = used_before.rating
        and before.time_period = used_before.time_period
        and before.ref_area = used_before.ref_area
left join in_both
    on
        this.rating = in_both.rating
        and this.time_period = in_both.time_period
        and this.ref_area = in_both.ref_area
left join compared on this.rating = compared.rating and this.time_period = compared.time_period;
