"""What people send: city submissions and best practices."""
