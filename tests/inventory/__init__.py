"""Reads the publishers' real files and writes docs/reference/sources.md."""
