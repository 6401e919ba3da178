-- The years of one rating about to be written anew; without years, all of them.
delete from report.rank_pairs
where rating = :rating and time_period = any(coalesce(cast(:periods as text[]), array[time_period]));
