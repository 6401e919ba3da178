-- The current observations of some indicators from all sources, to compare a load with.
select
    ref_area,
    indicator,
    time_period,
    source,
    obs_value,
    unit_measure
from core.observation
where
    source = any(select catalog.source.source from catalog.source)
    and indicator = any(:indicators)
    and time_period >= :first_period
    and time_period < :end_period;
