"""The local stack: the services that `make demo` and `make start` run on one machine."""
