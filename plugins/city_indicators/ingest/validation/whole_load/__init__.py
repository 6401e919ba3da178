"""Checks of a load as a whole: what no single row shows, compared with what is held and what is declared."""
