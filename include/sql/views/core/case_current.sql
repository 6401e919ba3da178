create view core.case_current as
select distinct on (case_id)
    case_id, version, city, country, ref_area, name_en, name_ru, name_zh, cycle, stage, status, field,
    innovation_type, innovation_kind, sdgs, criteria, start_year, indicator, outcome, links, evidence_links,
    submitted_on, note, case_load_id, row_number, known_from
from core.case_version
order by case_id asc, version desc;
grant select on core.case_current to researcher;
