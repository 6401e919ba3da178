-- The view of a rating that is no more.
select report.drop_plain_view(:rating);
