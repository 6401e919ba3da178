-- Researchers read the reports and the observations behind them, and nothing else.

grant usage on schema report, core to researcher;
grant select on all tables in schema report to researcher;
grant select on core.observation, core.observation_version to researcher;
alter default privileges in schema report grant select on tables to researcher;
