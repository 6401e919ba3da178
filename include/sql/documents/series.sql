-- Grain: city × indicator × year. The series that the values of an edition come from, as known at a moment.
select
    used.ref_area,
    used.indicator,
    used.unit_measure,
    used.geo_basis,
    used.source,
    used.source_ref_area,
    known.time_period,
    known.obs_value,
    known.obs_status
from report.edition_rating_indicator as used
inner join core.observations_as_of(cast(:known_at as timestamptz)) as known
    on
        used.source_ref_area = known.ref_area
        and used.indicator = known.indicator
        and used.source = known.source
        and used.geo_basis = known.geo_basis
        and used.unit_measure = known.unit_measure
where
    used.rating = :rating and used.edition = :edition
    and used.unit_measure <> 'CODE' and known.freq = 'A'
order by used.ref_area asc, used.indicator asc, known.time_period asc;
