-- Records that a steward accepts a refused load; the first acceptance counts.
insert into ops.load_override (load_id, accepted_by, reason, decided_at)
values (:load_id, :accepted_by, :reason, :decided_at)
on conflict (load_id) do nothing;
