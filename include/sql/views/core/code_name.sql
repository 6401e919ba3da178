-- Grain: code list × code. Names of the codes of the catalogue.
create view core.code_name as
select 'place' as list, ref_area as code, name_en, name_ru, name_zh from catalog.ref_area
union all
select 'indicator' as list, indicator as code, name_en, name_ru, name_zh from catalog.indicator
union all
select 'unit' as list, unit_measure as code, name_en, name_ru, name_zh from catalog.unit
union all
select 'group' as list, city_group as code, name_en, name_ru, name_zh from catalog.city_group
union all
select 'basis' as list, geo_basis as code, name_en, name_ru, name_zh from catalog.geo_basis;
