-- What is expected follows the files as a whole.
delete from catalog.expectation;
