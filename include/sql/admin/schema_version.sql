-- The newest migration, and the digest of views and functions, after the last upgrade.
select
    version,
    objects
from ops.schema_version
order by schema_version_id desc
limit 1;
