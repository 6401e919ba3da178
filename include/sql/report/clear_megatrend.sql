-- Megatrends are few and rebuilt as a whole.
delete from report.megatrend;
