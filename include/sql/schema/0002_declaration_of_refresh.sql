-- Adds the SHA-256 of the declarations that the tables of schema report were created from; null for earlier
-- refreshes.
alter table ops.report_refresh
add column declaration text;
