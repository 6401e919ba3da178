-- Grain: place. The names of cities and countries in a language, by which lists are sorted; English in a
-- language in which declarations give none.
create function core.names_of_cities(language text) returns table (ref_area text, name text)
language sql stable parallel safe as $$
    select
        place.ref_area,
        case language when 'ru' then place.name_ru when 'zh' then place.name_zh else place.name_en end
    from catalog.ref_area as place
$$;
