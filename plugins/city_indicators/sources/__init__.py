"""Connectors to sources: one module per wire format (bytes in, records out), and what they share."""
