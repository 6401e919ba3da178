"""Compiles docs/sources.md: the results of reading the publishers' real files."""
