-- Adds an index of the projected observations: pages look for them in every indicator, and most have none.
create index observation_state_projected_idx on core.observation_state (block_id, ref_area)
where obs_status = 'F' and obs_value is not null;
