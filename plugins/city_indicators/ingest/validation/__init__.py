"""What may enter the warehouse: declared rules, run by Great Expectations."""
