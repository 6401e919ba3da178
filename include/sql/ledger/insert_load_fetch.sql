-- Which fetches a load was made from.
insert into ops.load_fetch (load_id, fetch_id) values (:load_id, :fetch_id);
