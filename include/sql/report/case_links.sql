-- Every case of the base with its city, the indicator that it names and its start, if any.
select
    case_id,
    version,
    city,
    ref_area,
    indicator,
    start_year
from core.case_current
order by case_id;
