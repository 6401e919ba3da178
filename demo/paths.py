"""The paths of the offline sample."""

from pathlib import Path
from typing import Final

SAMPLE: Final = Path(__file__).parent / "data"
