-- Every indicator and period that the warehouse has a figure of.
select distinct
    indicator,
    time_period
from core.observation;
