-- Inserts or updates an indicator.
insert into catalog.indicator (
    indicator,
    name_en,
    name_ru,
    name_zh,
    definition_en,
    definition_ru,
    definition_zh,
    unit_measure,
    direction,
    pillar,
    freq,
    range_min,
    range_max
)
values (
    :indicator,
    :name_en,
    :name_ru,
    :name_zh,
    :definition_en,
    :definition_ru,
    :definition_zh,
    :unit_measure,
    :direction,
    :pillar,
    :freq,
    :range_min,
    :range_max
)
on conflict (indicator) do update
    set
        name_en = excluded.name_en,
        name_ru = excluded.name_ru,
        name_zh = excluded.name_zh,
        definition_en = excluded.definition_en,
        definition_ru = excluded.definition_ru,
        definition_zh = excluded.definition_zh,
        unit_measure = excluded.unit_measure,
        direction = excluded.direction,
        pillar = excluded.pillar,
        freq = excluded.freq,
        range_min = excluded.range_min,
        range_max = excluded.range_max;
