"""Compiles docs/reference/sources.md: the results of reading the publishers' real files."""
