"""The offline sample: real published observations in one compact table, each with its citation."""
