"""Trend, convergence and city-system statistics: pure functions on frames, windows declared in YAML."""
