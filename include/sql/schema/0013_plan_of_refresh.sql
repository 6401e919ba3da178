-- Adds the plan by which several tasks computed a refresh, so that repeating its last task changes nothing.
alter table ops.report_refresh add column plan text;
