"""The tables that researchers read: what to refresh, and in what order."""
