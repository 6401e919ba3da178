-- Grain: city. The names of the cities in a language, in which readers expect lists to be sorted; English in a
-- language in which declarations give none.
create function core.names_of_cities(language text) returns table (ref_area text, name text)
language sql stable parallel safe as $$
    select place.ref_area, case language when 'ru' then place.name_ru when 'zh' then place.name_zh else place.name_en end
    from catalog.ref_area as place
$$;
