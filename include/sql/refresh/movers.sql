-- Grain: city. The ranked cities whose score changed most between the latest year with ranks of a rating and
-- the year before, with the same version of the method and the same inputs of the city.
with latest as (
    select core.latest_ranked_year(:rating) as time_period
),

-- In the order in which their inputs are compared: from the largest change on, until there are enough.
candidate as materialized (
    select
        this.time_period,
        before.time_period as year_before,
        this.ref_area,
        this.score - before.score as score_change
    from latest
    inner join report.rating as this
        on this.rating = :rating and latest.time_period = this.time_period
    inner join report.rating as before
        on
            before.rating = :rating
            and before.time_period = (latest.time_period::integer - 1)::text
            and this.ref_area = before.ref_area
    where
        this.rank is not null
        and this.method_version = before.method_version
        and this.score - before.score is not null
    order by abs(this.score - before.score) desc, this.ref_area asc
),

moved as (
    select candidate.*
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
                    found.rating = :rating
                    and found.time_period in (candidate.time_period, candidate.year_before)
                    and found.ref_area = candidate.ref_area
                    and found.normalised is not null
            ) as used
        ) as both_years
    where both_years.inputs = both_years.inputs_before
    fetch first (:most) rows only
)

select
    :rating as rating,
    time_period,
    ref_area,
    row_number() over (order by abs(score_change) desc, ref_area asc) as change_order,
    score_change
from moved;
