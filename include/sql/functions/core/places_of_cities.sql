-- Grain: city × place. The places whose observations may represent a city: the city itself and its country.
create function core.places_of_cities(cities text[], countries text[]) returns table (
    city text, country text, ref_area text
)
language sql immutable parallel safe
begin atomic
    select listed.city, listed.country, unnest(array[listed.city, listed.country]) as ref_area
    from unnest(cities, countries) as listed (city, country);
end;
