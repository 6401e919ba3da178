-- The years of one rating about to be written anew; without years, all of them.
delete from report.rating_indicator
where rating = :rating and time_period = any(coalesce(cast(:periods as text[]), array[time_period]));
