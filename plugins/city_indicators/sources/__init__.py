"""One module per wire format: bytes in, records out."""
