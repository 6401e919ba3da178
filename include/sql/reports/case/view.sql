-- Grain: case. The base as it is now, in words of three languages.
select
    best.case_id,
    best.version,
    best.ref_area,
    best.city,
    best.country,
    best.name_en,
    best.name_ru,
    best.name_zh,
    best.cycle,
    cycle_term.name_en as cycle_name_en,
    cycle_term.name_ru as cycle_name_ru,
    cycle_term.name_zh as cycle_name_zh,
    best.stage,
    stage_term.name_en as stage_name_en,
    stage_term.name_ru as stage_name_ru,
    stage_term.name_zh as stage_name_zh,
    best.status as case_status,
    status_term.name_en as case_status_name_en,
    status_term.name_ru as case_status_name_ru,
    status_term.name_zh as case_status_name_zh,
    best.field,
    field_term.name_en as field_name_en,
    field_term.name_ru as field_name_ru,
    field_term.name_zh as field_name_zh,
    best.innovation_type,
    type_term.name_en as innovation_type_name_en,
    type_term.name_ru as innovation_type_name_ru,
    type_term.name_zh as innovation_type_name_zh,
    best.innovation_kind,
    kind_term.name_en as innovation_kind_name_en,
    kind_term.name_ru as innovation_kind_name_ru,
    kind_term.name_zh as innovation_kind_name_zh,
    best.sdgs,
    goals.names_en as sdg_names_en,
    goals.names_ru as sdg_names_ru,
    goals.names_zh as sdg_names_zh,
    best.criteria,
    met.names_en as criterion_names_en,
    met.names_ru as criterion_names_ru,
    met.names_zh as criterion_names_zh,
    best.start_year,
    best.indicator,
    indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru,
    indicator.name_zh as indicator_name_zh,
    best.outcome,
    best.links,
    best.evidence_links,
    best.submitted_on,
    best.note,
    best.known_from,
    coalesce(place.name_en, best.city) as city_name_en,
    coalesce(place.name_ru, best.city) as city_name_ru,
    coalesce(place.name_zh, best.city) as city_name_zh
from core.case_current as best
left join catalog.ref_area as place on best.ref_area = place.ref_area
left join catalog.indicator as indicator on best.indicator = indicator.indicator
left join catalog.case_term as cycle_term on cycle_term.vocabulary = 'cycles' and best.cycle = cycle_term.term
left join catalog.case_term as stage_term on stage_term.vocabulary = 'stages' and best.stage = stage_term.term
left join
    catalog.case_term as status_term
    on status_term.vocabulary = 'statuses' and best.status = status_term.term
left join catalog.case_term as field_term on field_term.vocabulary = 'fields' and best.field = field_term.term
left join catalog.case_term as type_term
    on type_term.vocabulary = 'innovation_types' and best.innovation_type = type_term.term
left join catalog.case_term as kind_term
    on kind_term.vocabulary = 'innovation_kinds' and best.innovation_kind = kind_term.term
cross join
    lateral (
        select
            coalesce(array_agg(word.name_en order by word.position), '{}') as names_en,
            coalesce(array_agg(word.name_ru order by word.position), '{}') as names_ru,
            coalesce(array_agg(word.name_zh order by word.position), '{}') as names_zh
        from catalog.case_term as word
        where word.vocabulary = 'sdgs' and word.term = any(best.sdgs)
    ) as goals
cross join lateral (
    select
        coalesce(array_agg(word.name_en order by word.position), '{}') as names_en,
        coalesce(array_agg(word.name_ru order by word.position), '{}') as names_ru,
        coalesce(array_agg(word.name_zh order by word.position), '{}') as names_zh
    from catalog.case_term as word
    where word.vocabulary = 'criteria' and word.term = any(best.criteria)
) as met;
