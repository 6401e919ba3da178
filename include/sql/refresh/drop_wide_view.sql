-- Drops the wide view of a rating that no longer exists.
select report.drop_wide_view(:rating);
