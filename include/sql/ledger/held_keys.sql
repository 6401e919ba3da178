-- The figures that the warehouse holds of a source for the indicators and periods of a load.
select
    ref_area,
    indicator,
    time_period
from core.observation
where
    source = :source
    and indicator = any(:indicators)
    and time_period >= :first_period
    and time_period < :end_period;
