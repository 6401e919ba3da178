-- Grain: rating × edition × city × other city × indicator of which both have points. Which bases are those of
-- a city itself is as stored with the edition.
with used as not materialized (
    select
        frozen.*, reference.document -> 'city_level' @> to_jsonb(frozen.geo_basis) as city_level
    from report.edition_rating_indicator as frozen
    inner join report.edition as published using (rating, edition)
    inner join catalog.reference as reference on published.reference_id = reference.reference_id
    where frozen.normalised is not null
),

beside as (
    select
        one.rating, one.edition, one.ref_area, other.ref_area as other_ref_area, one.indicator,
        one.raw_value, other.raw_value as other_raw_value,
        one.unit_measure, other.unit_measure as other_unit_measure,
        one.raw_time_period, other.raw_time_period as other_raw_time_period,
        one.geo_basis, other.geo_basis as other_geo_basis, one.source, other.source as other_source,
        one.normalised, other.normalised as other_normalised,
        core.incomparable_because(
            one.unit_measure, other.unit_measure, one.geo_basis, other.geo_basis, one.source, other.source,
            one.raw_time_period, other.raw_time_period, one.city_level, other.city_level
        ) as incomparable_because
    from used as one
    inner join used as other
        on (one.rating, one.edition, one.indicator) = (other.rating, other.edition, other.indicator)
            and one.ref_area <> other.ref_area
)

select
    *, cardinality(incomparable_because) = 0 as comparable,
    case when cardinality(incomparable_because) = 0 then raw_value - other_raw_value end as difference
from beside;
