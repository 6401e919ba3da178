"""Keys and passwords of the local stack: generated once, stored in files that only their owner can read."""

import base64
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from city_indicators.orchestration.access import TASKS_ROLE, TASKS_USER

PEOPLE = {"admin": "admin", "viewer": "viewer"}
USERS = {**PEOPLE, TASKS_USER: TASKS_ROLE}
"""Airflow user → role."""


@dataclass(frozen=True)
class Credentials:
    """The secrets of one checkout; its representation does not show them."""

    fernet_key: str = field(repr=False)
    jwt_secret: str = field(repr=False)
    api_secret_key: str = field(repr=False)
    passwords: dict[str, str] = field(repr=False)
    passwords_file: Path

    @classmethod
    def load_or_make(cls, folder: Path) -> Self:
        """Read the secrets in `folder`, and generate the missing ones."""
        passwords_file = folder / "passwords.json"
        stored = json.loads(passwords_file.read_text(encoding="utf-8")) if passwords_file.exists() else {}
        # A folder of an older release lacks users that were added later.
        if missing := [user for user in USERS if user not in stored]:
            made = {user: secrets.token_urlsafe(12) for user in missing}
            write_private(passwords_file, json.dumps({**stored, **made}))
        return cls(
            fernet_key=_load_or_write(
                folder / "fernet_key", base64.urlsafe_b64encode(os.urandom(32)).decode()
            ),
            jwt_secret=_load_or_write(folder / "jwt_secret", secrets.token_urlsafe(48)),
            api_secret_key=_load_or_write(folder / "api_secret_key", secrets.token_urlsafe(48)),
            passwords=json.loads(passwords_file.read_text(encoding="utf-8")),
            passwords_file=passwords_file,
        )


def write_private(file: Path, text: str) -> None:
    """Write `text` to `file` atomically, with mode 0600 from its creation."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    part.replace(file)


def _load_or_write(file: Path, fresh: str) -> str:
    if not file.exists():
        write_private(file, fresh)
    return file.read_text(encoding="utf-8")
