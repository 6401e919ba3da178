-- A refresh enters the ledger with the number of loads and rating years that it covers.
insert into ops.report_refresh (refreshed_at, loads, ratings)
values (:refreshed_at, :loads, :ratings)
returning report_refresh_id;
