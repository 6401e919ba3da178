"""Intake of files that people send: city submissions and best practices."""
