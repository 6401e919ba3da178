"""What the answers to submissions and to files of best practices say alike, in every language."""

from typing import Final

from city_indicators.core.languages import message

NOT_READ: Final = message("The file was not read; nothing was loaded.")
LOADED: Final = message("%(accepted)s of %(read)s rows accepted, %(rejected)s rejected.")
