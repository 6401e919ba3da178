-- Grain: city × year. The values that the evidence on a case compares, as known at a moment.
select
    ref_area,
    time_period,
    obs_value
from core.observations_as_of(cast(:known_at as timestamptz))
where
    indicator = :indicator
    and source = :source
    and geo_basis = :geo_basis
    and unit_measure = :unit_measure
    and ref_area = any(cast(:cities as text[]))
    and freq = 'A' and obs_status <> 'F'
    and time_period between cast(:first_year as text) and cast(:last_year as text)
order by ref_area asc, time_period asc;
