"""What people get: exports, web pages, the data dictionary."""
