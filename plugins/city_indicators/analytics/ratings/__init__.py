"""The composite-index engine: methods declared in YAML, pure functions on frames."""
