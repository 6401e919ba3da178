"""The mock server: serves the offline sample in each source's real wire format."""

from demo.mock_sources.app import create_app

__all__ = ["create_app"]
