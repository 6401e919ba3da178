-- What the last upgrade came to: the newest migration, and the digest of views and functions.
select
    version,
    objects
from ops.schema_version
order by schema_version_id desc
limit 1;
