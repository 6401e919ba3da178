-- A refused row with the rule that refused it and the row as written.
insert into quality.rejected_case (case_load_id, row_number, case_id, rule, reason, raw_row)
values (:case_load_id, :row_number, :case_id, :rule, :reason, :raw_row);
