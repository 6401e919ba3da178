-- Inserts a version of a case that is new or has changed.
insert into core.best_practice_version (
    case_id, version, city, country, ref_area, name_en, name_ru, name_zh, cycle, stage, status, field,
    innovation_type, innovation_kind, sdgs, criteria, start_year, indicator, outcome, links,
    evidence_links, submitted_on, note, best_practice_load_id, row_number, known_from
)
values (
    :case_id, :version, :city, :country, :ref_area, :name_en, :name_ru, :name_zh, :cycle, :stage, :status,
    :field, :innovation_type, :innovation_kind, :sdgs, :criteria, :start_year, :indicator, :outcome, :links,
    :evidence_links, :submitted_on, :note, :best_practice_load_id, :row_number, :known_from
);
