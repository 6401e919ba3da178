-- Stewards read all of the warehouse, to judge what was refused and to follow a figure back; they write
-- nothing.

grant usage on schema catalog, archive, ops, quality, core, report to steward;
grant select on all tables in schema catalog, archive, ops, quality, core, report to steward;
alter default privileges in schema catalog, archive, ops, quality, core, report
grant select on tables to steward;
