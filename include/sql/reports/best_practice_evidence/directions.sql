-- Grain: indicator. What is better of it: higher, lower, or neither (context).
select
    indicator,
    direction
from catalog.indicator;
