-- The years of one rating about to be written anew.
delete from report.rating_indicator
where rating = :rating and time_period = any(:periods);
