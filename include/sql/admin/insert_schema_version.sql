-- What this upgrade came to.
insert into ops.schema_version (version, objects) values (:version, :objects);
