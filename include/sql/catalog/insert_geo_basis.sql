-- Inserts a geographic basis with its position in the order of preference.
insert into catalog.geo_basis (geo_basis, preference, city_level, name_en, name_ru, name_zh)
values (:geo_basis, :preference, :city_level, :name_en, :name_ru, :name_zh);
