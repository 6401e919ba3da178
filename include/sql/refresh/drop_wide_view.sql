-- The view of a rating that is no more.
select report.drop_wide_view(:rating);
