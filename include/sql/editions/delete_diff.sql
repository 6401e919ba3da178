-- The comparison of an edition about to be written anew.
delete from report.edition_diff
where rating = :rating and edition = :edition;
