"""Validation of observations: declared rules, run by Great Expectations, and declared corrections."""
