-- A remark beside a figure.
insert into quality.remark values (1, 'AAA', 'POP', '2019', 'agrees_with_others', 'another source says 0.2');
