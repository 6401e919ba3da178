-- The observations that the warehouse holds of a source for the indicators and periods of a load, which a
-- complete load must give again.
select
    ref_area,
    indicator,
    time_period
from core.observation
where
    not :partial
    and source = :source
    and indicator = any(:indicators)
    and time_period >= :first_period
    and time_period < :end_period;
