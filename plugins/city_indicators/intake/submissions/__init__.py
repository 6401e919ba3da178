"""Observations that a city submits on our form: the form, the reader, the answer."""
