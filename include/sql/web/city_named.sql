-- Grain: city. The city with an id, or the first two with a name in one of the languages.
select place.ref_area
from catalog.ref_area as place
where
    place.kind = 'city'
    and (
        place.ref_area = lower(:named)
        or lower(:named) in (lower(place.name_en), lower(place.name_ru), lower(place.name_zh))
    )
order by place.ref_area = lower(:named) desc, place.ref_area asc
limit 2;
