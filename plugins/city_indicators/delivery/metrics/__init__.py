"""Metrics of the pipeline for Prometheus, read from the ledger of the warehouse."""
