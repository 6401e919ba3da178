-- Deletes all terms of best practices, before those of the files are inserted.
delete from catalog.best_practice_term;
