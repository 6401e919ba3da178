"""The local stack: everything that `make demo` and `make start` run on one machine."""
