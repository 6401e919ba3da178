"""The PostgreSQL warehouse: schema, ledger, publication and reads."""
