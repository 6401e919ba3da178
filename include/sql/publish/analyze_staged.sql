-- A temporary table that the planner knows nothing of gets plans for a handful of rows. A small sample does.
set local default_statistics_target = 10;
analyze staged, block;
