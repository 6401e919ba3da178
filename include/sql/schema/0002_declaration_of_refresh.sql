-- SHA-256 of what the tables of schema report were declared and made by; null before that was kept.
alter table ops.report_refresh
add column declaration text;
