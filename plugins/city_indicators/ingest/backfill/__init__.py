"""What a backfill would ask, take and change, told before it is started."""
