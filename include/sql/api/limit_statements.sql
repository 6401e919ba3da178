-- Limits how long each further statement of the transaction may take, such as '60s'.
select set_config('statement_timeout', :longest, true);
