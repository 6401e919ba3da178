-- Grain: rating × city. Of the latest year with ranks of each rating, the leaders, the chosen cities, and the
-- cities whose score changed most since the year before (`moved`); each beside the year before.
with latest as (
    select
        method.rating,
        newest.time_period,
        (newest.time_period::integer - 1)::text as year_before
    from (select distinct declared.rating from catalog.method as declared) as method
    cross join core.latest_ranked_year(method.rating) as newest (time_period)
),

shown as (
    select
        latest.rating,
        first.ref_area,
        true as leads
    from latest
    cross join
        lateral (
            select ranked.ref_area
            from report.rating as ranked
            where
                ranked.rating = latest.rating
                and ranked.time_period = latest.time_period
                and ranked.rank <= :leaders
            order by ranked.rank asc, ranked.city_name_en asc
            limit :leaders
        ) as first
    union
    select
        latest.rating,
        pair.ref_area,
        true as leads
    from latest
    cross join unnest(cast(:pair as text[])) as pair (ref_area)
    union
    select
        mover.rating,
        mover.ref_area,
        false as leads
    from report.rating_mover as mover
    where mover.change_order <= :movers
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
    bool_or(shown.leads) as leads,
    bool_or(not shown.leads) as moved
from latest
inner join shown on latest.rating = shown.rating
inner join report.rating as this
    on
        latest.rating = this.rating
        and latest.time_period = this.time_period
        and shown.ref_area = this.ref_area
left join report.rating as before
    on
        latest.rating = before.rating
        and latest.year_before = before.time_period
        and shown.ref_area = before.ref_area
where this.rank is not null
group by
    this.rating, this.time_period, this.ref_area, before.rating, before.time_period, before.ref_area
order by this.rating asc, this.rank asc, this.city_name_en asc;
