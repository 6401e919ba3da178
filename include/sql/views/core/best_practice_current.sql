-- Grain: case. The latest version of each best-practice case.
create view core.best_practice_current as
select distinct on (case_id)
    case_id, version, city, country, ref_area, name_en, name_ru, name_zh, cycle, stage, status, field,
    innovation_type, innovation_kind, sdgs, criteria, start_year, indicator, outcome, links, evidence_links,
    submitted_on, note, best_practice_load_id, row_number, known_from
from core.best_practice_version
order by case_id asc, version desc;
grant select on core.best_practice_current to researcher;
