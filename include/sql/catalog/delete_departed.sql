-- A city that left the catalogue is no longer reported on; its observations stay.
delete from catalog.city
where ref_area <> all(:cities);
