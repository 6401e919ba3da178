-- Adds a warning to a load.
update ops.load
set warnings = warnings || cast(:warning as text)
where load_id = :load_id;
