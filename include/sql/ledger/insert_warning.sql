-- Records a warning: an accepted observation fails a rule of severity info.
insert into quality.warning (load_id, ref_area, indicator, time_period, rule, reason)
values (:load_id, :ref_area, :indicator, :time_period, :rule, :reason)
on conflict do nothing;
