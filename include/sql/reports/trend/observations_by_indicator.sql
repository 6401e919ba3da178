-- Grain: indicator. Counts the observations of the given indicators, or of all.
select
    indicator,
    sum(observations) as observations
from core.observation_block
where cast(:indicators as text[]) is null or indicator = any(cast(:indicators as text[]))
group by indicator
order by indicator;
