-- The load of a file that this run has already published, if any; a retried task finds it here.
select best_practice_load_id
from ops.best_practice_load
where dag_id = :dag_id and run_id = :run_id and url = :url and sha256 = :sha256;
