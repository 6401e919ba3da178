-- Grain: city × indicator. The values of an edition.
select
    ref_area,
    indicator,
    pillar,
    raw_value,
    unit_measure,
    raw_time_period,
    obs_status,
    geo_basis,
    source,
    denominator,
    denominator_value,
    denominator_source,
    treated_value,
    treatment,
    goalpost_worst,
    goalpost_best,
    normalised,
    weight,
    contribution,
    strength_rank,
    gap_to_best,
    correction
from report.edition_rating_indicator
where rating = :rating and edition = :edition
order by ref_area asc, indicator asc;
