"""Editions: ratings frozen when published, and compared with today's data."""
