-- Trigger that refuses to delete a place with observations.
create or replace function core.refuse_forgetting_a_place() returns trigger language plpgsql as $$
begin
    if exists (select from core.observation_state where ref_area = old.ref_area) then
        raise exception 'catalog.ref_area %: observations refer to it, so it stays known', old.ref_area
        using errcode = 'foreign_key_violation';
    end if;
    return old;
end
$$;
