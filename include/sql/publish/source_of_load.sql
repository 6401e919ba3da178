-- Whose load this is, to lock the source before the load.
select source
from ops.load
where load_id = :load_id;
