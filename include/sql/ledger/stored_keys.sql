-- The observations of a source that are stored for the indicators and periods of a load. A complete load must
-- give them again.
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
