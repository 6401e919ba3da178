-- Collects statistics of the temporary tables: without them the planner assumes a handful of rows. A small
-- sample is enough.
set local default_statistics_target = 10;
analyze staged, block;
