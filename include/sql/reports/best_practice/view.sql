-- Grain: case. The latest version of each case, with its terms in three languages.
with sdg as (select * from catalog.best_practice_term where vocabulary = 'sdgs'),

met as (select * from catalog.best_practice_term where vocabulary = 'criteria')

select
    best.case_id, best.version, best.ref_area, best.city, best.country,
    best.name_en, best.name_ru, best.name_zh,
    best.cycle, cycle.name_en as cycle_name_en,
    cycle.name_ru as cycle_name_ru, cycle.name_zh as cycle_name_zh,
    best.stage, stage.name_en as stage_name_en,
    stage.name_ru as stage_name_ru, stage.name_zh as stage_name_zh,
    best.status as case_status, status.name_en as case_status_name_en,
    status.name_ru as case_status_name_ru, status.name_zh as case_status_name_zh,
    best.field, field.name_en as field_name_en,
    field.name_ru as field_name_ru, field.name_zh as field_name_zh,
    best.innovation_type, type.name_en as innovation_type_name_en,
    type.name_ru as innovation_type_name_ru, type.name_zh as innovation_type_name_zh,
    best.innovation_kind, kind.name_en as innovation_kind_name_en,
    kind.name_ru as innovation_kind_name_ru, kind.name_zh as innovation_kind_name_zh,
    best.sdgs,
    array(select sdg.name_en from sdg where sdg.term = any(best.sdgs) order by sdg.position) as sdg_names_en,
    array(select sdg.name_ru from sdg where sdg.term = any(best.sdgs) order by sdg.position) as sdg_names_ru,
    array(select sdg.name_zh from sdg where sdg.term = any(best.sdgs) order by sdg.position) as sdg_names_zh,
    best.criteria,
    array(select met.name_en from met where met.term = any(best.criteria) order by met.position)
        as criterion_names_en,
    array(select met.name_ru from met where met.term = any(best.criteria) order by met.position)
        as criterion_names_ru,
    array(select met.name_zh from met where met.term = any(best.criteria) order by met.position)
        as criterion_names_zh,
    best.start_year, best.indicator, indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru, indicator.name_zh as indicator_name_zh,
    best.outcome, best.links, best.evidence_links, best.submitted_on, best.note, best.known_from,
    coalesce(place.name_en, best.city) as city_name_en,
    coalesce(place.name_ru, best.city) as city_name_ru,
    coalesce(place.name_zh, best.city) as city_name_zh
from core.best_practice_current as best
left join catalog.ref_area as place using (ref_area)
left join catalog.indicator as indicator using (indicator)
left join catalog.best_practice_term as cycle on cycle.vocabulary = 'cycles' and best.cycle = cycle.term
left join catalog.best_practice_term as stage on stage.vocabulary = 'stages' and best.stage = stage.term
left join catalog.best_practice_term as status on status.vocabulary = 'statuses' and best.status = status.term
left join catalog.best_practice_term as field on field.vocabulary = 'fields' and best.field = field.term
left join catalog.best_practice_term as type
    on type.vocabulary = 'innovation_types' and best.innovation_type = type.term
left join catalog.best_practice_term as kind
    on kind.vocabulary = 'innovation_kinds' and best.innovation_kind = kind.term;
