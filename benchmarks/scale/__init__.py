"""Measures every stage of the pipeline with many cities: `make bench-scale`."""
