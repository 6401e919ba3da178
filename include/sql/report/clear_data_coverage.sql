-- The coverage table is small and rebuilt as a whole.
delete from report.data_coverage;
