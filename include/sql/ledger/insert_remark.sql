-- What a rule of severity info remarks on an accepted figure.
insert into quality.remark (load_id, ref_area, indicator, time_period, rule, reason)
values (:load_id, :ref_area, :indicator, :time_period, :rule, :reason)
on conflict do nothing;
