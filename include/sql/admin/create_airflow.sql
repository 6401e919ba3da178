-- Creates the database of Airflow's metadata.
create database airflow;
