"""Trends, convergence and city systems against reference values."""
