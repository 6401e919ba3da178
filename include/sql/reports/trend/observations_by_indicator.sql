-- Grain: indicator. How many observations there are of each, of all indicators if :indicators is null.
select
    indicator,
    sum(observations) as observations
from core.observation_block
where cast(:indicators as text[]) is null or indicator = any(cast(:indicators as text[]))
group by indicator
order by indicator;
