"""Checks of all that a load gives of an indicator: what no single row shows."""
