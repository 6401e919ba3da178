-- Inserts or updates a group of cities.
insert into catalog.city_group (
    city_group, name_en, name_ru, name_zh
)
values (
    :city_group, :name_en, :name_ru, :name_zh
)
on conflict (city_group) do update
    set
        name_en = excluded.name_en,
        name_ru = excluded.name_ru,
        name_zh = excluded.name_zh;
