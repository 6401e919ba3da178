-- Grain: indicator. An indicator by its id, as the catalogue declares it.
select
    indicator,
    definition_en,
    definition_ru,
    definition_zh,
    unit_measure,
    direction,
    pillar,
    range_min,
    range_max
from catalog.indicator
where indicator = :indicator;
