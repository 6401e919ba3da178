-- Indicators and periods for which a set of loads wrote a new version.
select distinct
    indicator,
    time_period
from core.observation_version
where load_id = any(:loads);
