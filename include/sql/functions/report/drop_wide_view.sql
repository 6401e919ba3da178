-- Drops the wide view of a rating, if there is one.
create function report.drop_wide_view(of_rating text) returns void
language plpgsql set search_path = '' as $$
begin
    execute format('drop view if exists report.%I', 'wide_' || of_rating);
end
$$;
revoke execute on function report.drop_wide_view(text) from public;
