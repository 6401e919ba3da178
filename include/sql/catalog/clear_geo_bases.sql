-- The bases are few and ordered anew as a whole.
delete from catalog.geo_basis;
