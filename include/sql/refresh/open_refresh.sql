-- Records a refresh with the number of its loads and rating years.
insert into ops.report_refresh (refreshed_at, loads, ratings, reference_id, declaration)
values (:refreshed_at, :loads, :ratings, :reference_id, :declaration)
returning report_refresh_id;
