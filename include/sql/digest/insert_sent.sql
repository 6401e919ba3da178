-- Records that the digest of the 24 hours before a moment was sent; if it is sent again, the first one stays.
insert into ops.digest (until, sent_at) values (:until, :sent_at)
on conflict (until) do nothing;
