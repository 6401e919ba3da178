-- Records a rejected row with the rule that rejected it and the row as written.
insert into quality.rejected_best_practice (best_practice_load_id, row_number, case_id, rule, reason, raw_row)
values (:best_practice_load_id, :row_number, :case_id, :rule, :reason, :raw_row);
