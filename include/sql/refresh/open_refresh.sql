-- A refresh enters the ledger with the number of loads and rating years that it covers.
insert into ops.report_refresh (refreshed_at, loads, ratings, reference_id, declaration)
values (:refreshed_at, :loads, :ratings, :reference_id, :declaration)
returning report_refresh_id;
