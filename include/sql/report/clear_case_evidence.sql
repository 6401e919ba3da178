-- The evidence of cases is little and rebuilt as a whole.
delete from report.case_evidence;
