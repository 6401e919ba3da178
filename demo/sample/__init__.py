"""The offline sample: real published figures in one compact table, each with its citation."""
