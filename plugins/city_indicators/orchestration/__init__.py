"""Everything that depends on Airflow: connections, intervals, task bodies, alerts, its REST API."""
