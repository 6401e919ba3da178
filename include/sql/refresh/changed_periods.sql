-- Indicators and periods for which a set of loads changed an observation. A block names the load that last changed
-- it; an earlier one that no refresh has seen either is in the set with it.
select distinct
    indicator,
    time_period
from core.observation_block
where load_id = any(:loads);
