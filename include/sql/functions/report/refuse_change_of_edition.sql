-- Trigger that protects published editions: their rows are inserted before the edition itself, in its
-- transaction; afterwards every change is refused.
create or replace function report.refuse_change_of_edition() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if not exists (select from report.edition where (rating, edition) = (new.rating, new.edition)) then
            return new;
        end if;
    end if;
    raise exception '%.%: a published edition never changes; publish a new one',
        tg_table_schema, tg_table_name;
end
$$;
