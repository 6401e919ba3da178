-- Records a verification of the archive.
insert into archive.verification
(started_at, finished_at, objects, byte_count, missing, damaged, unknown, healed)
values (:started_at, :finished_at, :objects, :byte_count, :missing, :damaged, :unknown, :healed)
returning verification_id;
