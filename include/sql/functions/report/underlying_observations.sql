-- The underlying observations of a row of a report, by the function created from the table's lineage.sql.
create function report.underlying_observations(report_table text, key jsonb)
returns table (
    ref_area text, indicator text, time_period text, source text, version integer,
    contribution double precision
)
language plpgsql stable rows 20 as $$
declare
    table_name text := regexp_replace(report_table, '^(report|core)\.', '');
    key_columns text[] := report.lineage_key(table_name);
    given_columns text[] := array(select jsonb_object_keys(key));
begin
    if key_columns is null then
        raise exception 'report.lineage: % is not a table with lineage', report_table
        using hint = 'Tables with lineage: ' || (
            select string_agg(substr(routine.proname, 12), ', ' order by routine.proname)
            from pg_catalog.pg_proc as routine
            where routine.pronamespace = 'report'::regnamespace
                and starts_with(routine.proname, 'lineage_of_')
        ) || '.';
    end if;
    if not (key_columns <@ given_columns and key_columns @> given_columns) then
        raise exception 'report.lineage: a row of % needs the key %, but got %',
            report_table, key_columns, given_columns;
    end if;
    return query execute format('select * from report.%I($1)', 'lineage_of_' || table_name) using key;
end
$$;
