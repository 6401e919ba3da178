-- Grain: rating × year × city. Compares each year with the year before.
with used as (
    select
        rating, time_period, ref_area,
        array_agg(array[indicator, source, geo_basis, unit_measure, denominator_source] order by indicator)
        filter (where normalised is not null) as inputs
    from report.rating_indicator group by rating, time_period, ref_area
),

beside as not materialized (
    select
        this.*, before.rating as rating_prev, before.time_period as period_prev, before.ref_area as city_prev,
        before.score as score_prev, before.rank as rank_prev, before.n_ranked as n_ranked_prev,
        before.method_version as method_version_prev
    from report.rating as this
    left join report.rating as before on (before.rating, before.ref_area, before.time_period)
        = (this.rating, this.ref_area, (this.time_period::integer - 1)::text)
),

-- The cities that both years rank, ranked among each other; ties are ranked as the method declares.
in_both as (
    select
        this.rating, this.time_period, this.ref_area,
        case method.document ->> 'ties'
            when 'max' then count(*) over earlier - count(*) over later
            when 'dense' then dense_rank() over earlier - dense_rank() over later
            else rank() over earlier - rank() over later
        end as places_won
    from beside as this
    left join catalog.method as method using (rating, method_version)
    where this.rank is not null and this.rank_prev is not null
    window
        earlier as (partition by this.rating, this.time_period order by this.rank_prev),
        later as (partition by this.rating, this.time_period order by this.rank)
),

compared as (select rating, time_period, count(*) as cities from in_both group by rating, time_period)

select
    this.rating, this.time_period, this.ref_area, this.city_name_en, this.city_name_ru, this.city_name_zh,
    this.score, this.rank, this.n_ranked, this.score_prev, this.rank_prev, this.n_ranked_prev,
    in_both.places_won::integer as rank_change, this.score - this.score_prev as score_change,
    coalesce(compared.cities, 0)::integer as n_compared,
    this.method_version_prev = this.method_version and prev.inputs = used.inputs as comparable_with_prev
from beside as this
inner join used using (rating, time_period, ref_area)
left join in_both using (rating, time_period, ref_area)
left join compared using (rating, time_period)
left join used as prev
    on (prev.rating, prev.time_period, prev.ref_area) = (this.rating_prev, this.period_prev, this.city_prev);
