-- The words of cases are few and ordered anew as a whole.
delete from catalog.best_practice_term;
