-- A temporary table that the planner knows nothing of gets plans for a handful of rows.
analyze staged, block;
