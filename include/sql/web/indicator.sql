-- Grain: indicator. An indicator by its id, as the catalogue declares it.
select
    indicator,
    definition,
    unit_measure,
    direction,
    pillar,
    range_min,
    range_max
from catalog.indicator
where indicator = :indicator;
