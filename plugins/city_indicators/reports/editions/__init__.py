"""Editions: ratings frozen as they were published, and compared with what they would be today."""
