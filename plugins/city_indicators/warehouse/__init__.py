"""The PostgreSQL warehouse: schema upgrades, ledger of loads, publication and queries."""
