"""Report tables and observations as files for people and programs."""

from typing import Final, Literal, get_args

Format = Literal["csv", "xlsx", "parquet", "package", "sdmx-csv"]

FORMATS: Final[tuple[Format, ...]] = get_args(Format)
