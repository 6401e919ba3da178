-- Indicators and periods of which these loads changed an observation. A block names the load that changed it
-- last; earlier loads that no refresh has included are among these loads too.
select distinct
    indicator,
    time_period
from core.observation_block
where load_id = any(:loads);
