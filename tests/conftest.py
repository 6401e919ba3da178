"""Fixtures that every test folder shares."""

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real published files and recorded answers that lies beside the checkout."""
    if SHARED.is_dir():
        return SHARED
    message = f"{SHARED} is absent: it holds the real files and recorded answers this test compares with"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
