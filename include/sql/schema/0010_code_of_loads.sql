-- Adds the code by which a load was read and validated: a load with today's declaration and code need not be
-- validated again to plan a backfill. Earlier loads have none.
alter table ops.load add column code text;
