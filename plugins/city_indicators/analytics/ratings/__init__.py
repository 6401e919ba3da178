"""The composite-index engine: rates cities by methods declared in YAML. Pure functions on frames."""
