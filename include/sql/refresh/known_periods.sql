-- Indicators and periods of which the warehouse had an observed value at a moment.
select distinct
    indicator,
    time_period
from core.observations_as_of(cast(:known_at as timestamptz))
where obs_status <> 'F';
