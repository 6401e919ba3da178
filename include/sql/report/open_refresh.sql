-- A refresh enters the ledger with the number of loads and rating years that it covers.
insert into ops.report_refresh (refreshed_at, loads, ratings, reference_id)
values (:refreshed_at, :loads, :ratings, :reference_id)
returning report_refresh_id;
