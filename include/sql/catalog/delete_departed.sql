-- Deletes cities that are no longer in the catalogue; their observations stay.
delete from catalog.city
where ref_area <> all(:cities);
