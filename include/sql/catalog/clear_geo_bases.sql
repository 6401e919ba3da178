-- Deletes all geographic bases, before those of the files are inserted in their order.
delete from catalog.geo_basis;
