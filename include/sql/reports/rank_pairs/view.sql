-- Grain: rating × year × ordered pair of ranked cities. Compares two cities draw by draw when a pair is read:
-- pairs grow with the square of the cities, so they are not stored. Read those of one city or of one year.
select
    one.rating, one.time_period, one.ref_area, other.ref_area as other_ref_area,
    drawn.p_above, drawn.p_above between 0.1 and 0.9 as tied
from report.drawn_ranks as one
inner join report.drawn_ranks as other
    on
        one.rating = other.rating and one.time_period = other.time_period
        and one.ref_area <> other.ref_area
cross join
    lateral (
        select
            (count(*) filter (where draw.own < draw.others))::double precision / count(*)
            + (count(*) filter (where draw.own = draw.others))::double precision / count(*) / 2 as p_above
        from unnest(one.ranks, other.ranks) as draw (own, others)
    ) as drawn
