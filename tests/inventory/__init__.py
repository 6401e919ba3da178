"""What the publishers' real files give, as a table for docs/reference/sources.md."""
