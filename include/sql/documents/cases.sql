-- Grain: case. The best practices known at a moment, each with the file that it was read from.
select distinct on (best.case_id)
    best.case_id,
    best.version,
    best.city,
    best.ref_area,
    best.country,
    best.name_en,
    best.name_ru,
    best.name_zh,
    best.cycle,
    best.stage,
    best.status,
    best.field,
    best.innovation_type,
    best.innovation_kind,
    best.sdgs,
    best.criteria,
    best.start_year,
    best.indicator,
    best.outcome,
    best.links,
    best.evidence_links,
    best.submitted_on,
    best.note,
    best.row_number,
    load.url,
    load.sha256
from core.best_practice_version as best
inner join ops.best_practice_load as load using (best_practice_load_id)
where best.known_from <= cast(:known_at as timestamptz)
order by best.case_id asc, best.version desc;
