-- Grain: code list × code. Names of the codes of the catalogue.
select list, code, name_en, name_ru, name_zh from core.code_name order by list, code;
