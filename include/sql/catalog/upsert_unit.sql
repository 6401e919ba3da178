-- Inserts or updates a unit of measure.
insert into catalog.unit (
    unit_measure, name_en, name_ru, name_zh
)
values (
    :unit_measure, :name_en, :name_ru, :name_zh
)
on conflict (unit_measure) do update
    set
        name_en = excluded.name_en,
        name_ru = excluded.name_ru,
        name_zh = excluded.name_zh;
