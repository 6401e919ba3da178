-- Records a file of the archive; files with equal bytes are recorded once.
insert into archive.snapshot (sha256, byte_count, media_type)
values (:sha256, :byte_count, :media_type)
on conflict (sha256) do nothing;
