"""What people get: exports and the pages of the UI."""
