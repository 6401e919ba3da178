-- Records the newest migration and the digest of the objects after an upgrade.
insert into ops.schema_version (version, objects) values (:version, :objects);
