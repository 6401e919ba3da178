"""The shell between Airflow and the library: connections, intervals, task bodies, its REST API."""
