"""Daily weather and air quality become annual indices."""
