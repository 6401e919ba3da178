-- Grain: rating × city. Of the latest year with ranks of each rating, the leaders and the chosen cities, and
-- the cities whose score changed most since the year before (`moved`) with the same version of the method and
-- the same inputs of the city; each beside the year before.
with latest as (
    select
        method.rating,
        newest.time_period,
        (newest.time_period::integer - 1)::text as year_before
    from (select distinct declared.rating from catalog.method as declared) as method
    cross join lateral (
        select ranked.time_period
        from report.rating as ranked
        where ranked.rating = method.rating and ranked.rank is not null
        order by ranked.time_period desc
        limit 1
    ) as newest
),

rated as (
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
        before.time_period as year_before,
        before.rank as rank_before,
        before.n_ranked as n_ranked_before,
        this.score - before.score as score_change,
        this.method_version = before.method_version as same_method,
        row_number() over (
            partition by this.rating
            order by this.rank asc, this.city_name_en asc
        ) as place
    from latest
    inner join report.rating as this
        on latest.rating = this.rating and latest.time_period = this.time_period
    left join report.rating as before
        on
            latest.rating = before.rating
            and latest.year_before = before.time_period
            and this.ref_area = before.ref_area
    where this.rank is not null
),

-- In the order in which their inputs are compared: from the largest change on, until there are enough.
candidate as materialized (
    select *
    from rated
    where same_method and score_change is not null
    order by rating asc, abs(score_change) desc
),

moved as (
    select
        largest.rating,
        largest.ref_area
    from latest
    cross join lateral (
        select
            candidate.rating,
            candidate.ref_area
        from candidate
        cross join
            lateral (
                select
                    array_agg(used.input order by used.indicator)
                    filter (where used.time_period = candidate.time_period) as inputs,
                    array_agg(used.input order by used.indicator)
                    filter (where used.time_period = candidate.year_before) as inputs_before
                from (
                    select
                        found.indicator,
                        found.time_period,
                        array[
                            found.indicator,
                            found.source,
                            found.geo_basis,
                            found.unit_measure,
                            found.denominator_source
                        ] as input
                    from report.rating_indicator as found
                    where
                        found.rating = candidate.rating
                        and found.time_period in (candidate.time_period, candidate.year_before)
                        and found.ref_area = candidate.ref_area
                        and found.normalised is not null
                ) as used
            ) as both_years
        where candidate.rating = latest.rating and both_years.inputs = both_years.inputs_before
        fetch first (:movers) rows only
    ) as largest
)

select
    rated.rating,
    rated.time_period,
    rated.ref_area,
    rated.city_name_en,
    rated.city_name_ru,
    rated.city_name_zh,
    rated.score,
    rated.rank,
    rated.n_ranked,
    rated.method_status,
    rated.rank_before,
    rated.n_ranked_before,
    rated.score_change,
    rated.place <= :leaders or rated.ref_area = any(:pair) as leads,
    moved.ref_area is not null as moved
from rated
left join moved on rated.rating = moved.rating and rated.ref_area = moved.ref_area
where rated.place <= :leaders or rated.ref_area = any(:pair) or moved.ref_area is not null
order by rated.rating asc, rated.place asc;
