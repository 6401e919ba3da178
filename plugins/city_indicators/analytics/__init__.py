"""Pure functions on frames: ratings, trends, peers, evidence."""
