-- Every case of the base with the indicator that it names, if any.
select
    case_id,
    indicator
from core.case_current
order by case_id;
