"""The offline demo: a sample of published observations, and the sources mocked from it."""
