"""Preview of a backfill: its requests, its duration and what it would change."""
