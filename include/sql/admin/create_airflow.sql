-- Airflow's own metadata.
create database airflow;
