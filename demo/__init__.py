"""The offline demo: a sample of published figures, and the sources mocked from it."""
