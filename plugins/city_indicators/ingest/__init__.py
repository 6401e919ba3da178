"""Ingestion: fetch, normalise, validate and publish; replay of archived loads; planning of backfills."""
