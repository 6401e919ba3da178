-- One case by its id, with everything that is known of it, and the file that it came from.
select
    best.*,
    version.row_number,
    load.url,
    load.sha256,
    load.dag_id,
    load.run_id,
    load.published_at
from report.best_practice as best
inner join core.best_practice_version as version using (case_id, version)
inner join ops.best_practice_load as load using (best_practice_load_id)
where best.case_id = :case_id;
