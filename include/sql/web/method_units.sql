-- Grain: indicator. The units of some indicators.
select
    indicator,
    unit_measure
from catalog.indicator
where indicator = any(:indicators)
order by indicator asc;
