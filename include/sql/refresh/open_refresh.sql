-- Records a refresh with the number of its loads and rating years, and its plan if several tasks computed it.
insert into ops.report_refresh (refreshed_at, loads, ratings, reference_id, declaration, plan)
values (:refreshed_at, :loads, :ratings, :reference_id, :declaration, :plan)
returning report_refresh_id;
