-- Inserts or updates a city.
insert into catalog.city (
    ref_area, country, geonames_id, wikidata_id, unlocode, latitude, longitude, timezone, climate_class
)
values (
    :ref_area,
    :country,
    :geonames_id,
    :wikidata_id,
    :unlocode,
    :latitude,
    :longitude,
    :timezone,
    :climate_class
)
on conflict (ref_area) do update
    set
        country = excluded.country,
        geonames_id = excluded.geonames_id,
        wikidata_id = excluded.wikidata_id,
        unlocode = excluded.unlocode,
        latitude = excluded.latitude,
        longitude = excluded.longitude,
        timezone = excluded.timezone,
        climate_class = excluded.climate_class;
