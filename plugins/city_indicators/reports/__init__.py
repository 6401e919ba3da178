"""Report tables for researchers: computes, refreshes, recomputes as of a date, and freezes editions."""
