-- Inserts or updates a place that observations may refer to.
insert into catalog.ref_area (
    ref_area, kind, name_en, name_ru, name_zh
)
values (
    :ref_area, :kind, :name_en, :name_ru, :name_zh
)
on conflict (ref_area) do update
    set
        kind = excluded.kind,
        name_en = excluded.name_en,
        name_ru = excluded.name_ru,
        name_zh = excluded.name_zh;
