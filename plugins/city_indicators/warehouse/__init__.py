"""The PostgreSQL warehouse: migrations, ledger, publication and reads."""
