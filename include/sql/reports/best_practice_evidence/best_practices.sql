-- Grain: case. All cases at a moment, each with its city, indicator and start.
select distinct on (case_id)
    case_id,
    version,
    city,
    ref_area,
    indicator,
    start_year
from core.best_practice_version
where known_from <= cast(:known_at as timestamptz)
order by case_id asc, version desc;
