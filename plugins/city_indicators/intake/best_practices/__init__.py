"""Best practices: the model of a case, and reading, validation and publication of files of cases."""
