-- The indicators about to be written anew; all of them if :indicators is null.
delete from report.city_system
where cast(:indicators as text[]) is null or indicator = any(cast(:indicators as text[]));
