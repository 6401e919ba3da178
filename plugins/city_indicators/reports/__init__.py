"""The tables that researchers read: computed, refreshed, as of any moment, frozen as editions."""
