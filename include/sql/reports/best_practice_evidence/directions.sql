-- Grain: indicator. Which direction is better: higher, lower, or neither (context).
select
    indicator,
    direction
from catalog.indicator;
