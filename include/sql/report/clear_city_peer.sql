-- The peers are few and rebuilt as a whole.
delete from report.city_peer;
