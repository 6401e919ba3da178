-- Who accepted a refused load and why; no row if nobody did.
select
    accepted_by,
    reason,
    decided_at
from ops.load_override
where load_id = :load_id;
