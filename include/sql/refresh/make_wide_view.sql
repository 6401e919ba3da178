-- Creates the wide view of a rating, for spreadsheets, by the newest version of its method.
select report.make_wide_view(:rating);
