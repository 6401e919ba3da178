-- Gives each indicator its definition in three languages; one that left the catalogue keeps the English text.
alter table catalog.indicator rename column definition to definition_en;
alter table catalog.indicator
add column definition_ru text,
add column definition_zh text;
update catalog.indicator set
    definition_ru = definition_en,
    definition_zh = definition_en;
alter table catalog.indicator
alter column definition_ru set not null,
alter column definition_zh set not null;
