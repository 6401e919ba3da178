-- Records a correction applied to an observation of a load, with the declaration at that time.
insert into quality.correction_applied (
    load_id, fetch_id, pointer, ref_area, indicator, time_period, correction, action, value_as_published,
    value_before, value_after, status_before, status_after, reason, reference, declared
)
values (
    :load_id, :fetch_id, :pointer, :ref_area, :indicator, :time_period, :correction, :action,
    :value_as_published, :value_before, :value_after, :status_before, :status_after, :reason, :reference,
    cast(:declared as jsonb)
);
