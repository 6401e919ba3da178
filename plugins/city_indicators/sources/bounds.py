"""The bounds of what one answer may take of a worker, each with its reason.

A worker has 2 GB. A bound is at least four times the largest answer that a publisher is known to send, so
that a source can grow; beyond it, a person looks at what the publisher sends now.
"""

from typing import Final

MAX_BYTES: Final = 400 * 1024 * 1024
"""Of one answer: the largest known file, Ember's, has 49 MB. An answer is kept in memory once."""
MAX_SECONDS: Final = 600.0
"""From the request to the last byte of its answer: 400 MB take ten minutes at 0.7 MB a second. A fetch
task has half an hour."""
MAX_REDIRECTS: Final = 5
"""Of one request: files move from an address to a server of downloads, and seldom twice."""

MAX_PAGES: Final = 200
"""Of one request: the largest known, a year of metro stations, needs two pages of a thousand rows."""

MAX_ROWS: Final = 250_000
"""Of one table: the largest known file, WHO's, has 32 191 rows. A row costs a kilobyte or two in memory,
because a record keeps it."""
MAX_CELLS: Final = 5_000_000
"""Of one table: the largest known file, WHO's, has half a million. A cell costs about a hundred bytes."""
MAX_CELL_CHARACTERS: Final = 131_072
"""Of one cell, the limit of Python's reader of CSV."""
MAX_DEPTH: Final = 50
"""Of nested JSON: the deepest known answer, a page of stations, has seven levels."""
