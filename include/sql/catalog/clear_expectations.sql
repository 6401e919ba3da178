-- Deletes all expectations, before those of the source files are inserted.
delete from catalog.expectation;
