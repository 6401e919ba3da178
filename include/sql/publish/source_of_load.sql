-- The source of a load, which is locked before the load.
select source
from ops.load
where load_id = :load_id;
