-- A steward's acceptance of a refused load; the first one stands.
insert into ops.load_override (load_id, accepted_by, reason, decided_at)
values (:load_id, :accepted_by, :reason, :decided_at)
on conflict (load_id) do nothing;
