"""The main job: fetch, normalise, validate and publish; replay of the archive and planning of backfills."""
