"""The base of best-practice cases: what a case is, how a file of cases is read and validated."""
