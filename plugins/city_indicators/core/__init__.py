"""What every other package may use: errors, paths, time intervals, snapshots and their archive."""
