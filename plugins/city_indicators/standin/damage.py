"""The ways to falsify a true body; every wire format says what each of them means for it."""

from collections.abc import Callable
from typing import Final, Literal, get_args

Damage = Literal["missing_column", "unknown_area", "out_of_range", "duplicate_row", "not_a_number"]
Damager = Callable[[bytes, Damage], bytes]

DAMAGES: Final = frozenset(get_args(Damage))

UNKNOWN_NAME: Final = "Atlantis"
UNKNOWN_ISO2: Final = "XX"  # XX and XXX are codes that ISO 3166 leaves to its users
UNKNOWN_ISO3: Final = "XXX"
# Nothing in the sample can be negative, so this is out of range whatever the series.
OUT_OF_RANGE: Final = -999_999_999
# Not one of the words that readers of tables take for an empty cell.
NOT_A_NUMBER: Final = "see note"
