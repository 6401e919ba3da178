-- The view of a rating for spreadsheets, by the newest version of its method.
select report.make_plain_view(:rating);
