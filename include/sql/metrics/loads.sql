-- Grain: source × state. How many loads there are.
select
    source,
    state,
    count(*) as value
from ops.load
group by source, state
order by source, state;
