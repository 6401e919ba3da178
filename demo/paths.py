"""Where the files of the offline sample lie."""

from pathlib import Path
from typing import Final

SAMPLE: Final = Path(__file__).parent / "data"
