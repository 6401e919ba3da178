"""The pages that the plugin adds to the Airflow UI."""
