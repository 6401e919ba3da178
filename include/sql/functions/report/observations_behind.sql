-- The observations behind a row of a report, by the function that is made of the table's lineage.sql.
create function report.observations_behind(report_table text, key jsonb)
returns table (
    ref_area text, indicator text, time_period text, source text, version integer,
    contribution double precision
)
language plpgsql stable rows 20 as $$
declare
    asked text := regexp_replace(report_table, '^(report|core)\.', '');
    needed text[] := report.lineage_key(asked);
    given text[] := array(select jsonb_object_keys(key));
begin
    if needed is null then
        raise exception 'report.lineage: % is no table whose lineage is known', report_table
        using hint = 'It is known of ' || (
            select string_agg(substr(made.proname, 12), ', ' order by made.proname)
            from pg_catalog.pg_proc as made
            where made.pronamespace = 'report'::regnamespace and starts_with(made.proname, 'lineage_of_')
        ) || '.';
    end if;
    if not (needed <@ given and needed @> given) then
        raise exception 'report.lineage: a row of % is named by %, not by %', report_table, needed, given;
    end if;
    return query execute format('select * from report.%I($1)', 'lineage_of_' || asked) using key;
end
$$;
