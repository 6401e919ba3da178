"""One module per wire format: bytes in, records out; and what they share: HTTP, quotas, places, units."""
