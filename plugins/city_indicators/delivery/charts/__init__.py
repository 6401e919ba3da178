"""Charts in Vega-Lite: pure functions, a frame in and a specification out, and their pictures."""
