"""The offline sample: real published observations, each with its citation."""
