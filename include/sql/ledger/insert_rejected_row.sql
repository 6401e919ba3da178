-- Records a rejected row with the rule that rejected it and the row as published.
insert into quality.rejected_row (
    load_id, source, fetch_id, pointer, ref_area, indicator, time_period, value_as_published, rule,
    reason, raw_row
)
values (
    :load_id, :source, :fetch_id, :pointer, :ref_area, :indicator, :time_period, :value_as_published,
    :rule, :reason, :raw_row
);
