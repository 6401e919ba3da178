-- Records that the digest of the 24 hours before a moment was sent; if it is sent again, the first one stays.
insert into ops.digest (until, sent_at, database_bytes, archive_bytes)
values (:until, :sent_at, :database_bytes, :archive_bytes)
on conflict (until) do nothing;
