"""Run the mock server: `python -m demo.mock_sources --port N` serves the sample on 127.0.0.1."""

import argparse
import sys
from collections.abc import Sequence

import uvicorn

from city_indicators.core.errors import exit_code
from demo.mock_sources.app import create_app


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve the offline sample in the formats of the sources.")
    parser.add_argument("--port", type=int, default=8090)
    port = parser.parse_args(arguments).port
    uvicorn.run(create_app(), host="127.0.0.1", port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    sys.exit(exit_code(main))
