"""The offline demo: a sample of published observations, and mock sources that serve it."""
