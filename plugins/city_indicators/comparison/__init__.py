"""Cities beside their like."""
