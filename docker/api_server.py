"""Writes the users of .env to the password file of Airflow's simple auth manager, then runs the API server.

It does so at every start, so that .env alone defines who may sign in.
"""

import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

from city_indicators.orchestration.access import TASKS_ROLE, TASKS_USER, URL_SAFE_PASSWORD

ROLES = ("admin", "op", "user", "viewer")


class User(NamedTuple):
    """A user of the web UI."""

    name: str
    role: str
    password: str


def parse(users: str) -> list[User]:
    """The users in `name:role:password,…`.

    Raises:
        ValueError: an entry is incomplete, its role is unknown, or a name is repeated.
    """
    parsed = []
    for entry in users.split(","):
        parts = entry.strip().split(":")
        if len(parts) != len(User._fields) or not all(parts):
            raise ValueError("AIRFLOW_USERS: every entry must be user:role:password, separated by commas")
        parsed.append(User(*parts))
        if parsed[-1].role not in ROLES:
            raise ValueError(f"AIRFLOW_USERS: the role of {parts[0]} must be one of {', '.join(ROLES)}")
    if len({user.name for user in parsed}) < len(parsed):
        raise ValueError("AIRFLOW_USERS: a user is given twice")
    return parsed


def all_users(people: str, tasks_password: str) -> list[User]:
    """The users in `name:role:password,…`, and the user that tasks sign in as.

    Raises:
        ValueError: as `parse`; or the tasks could not sign in.
    """
    users = parse(people)
    if any(user.name == TASKS_USER for user in users):
        raise ValueError(
            f"AIRFLOW_USERS: remove the user {TASKS_USER}, which is created with AIRFLOW_TASKS_PASSWORD"
        )
    # It becomes part of a URL.
    if not URL_SAFE_PASSWORD.fullmatch(tasks_password):
        raise ValueError("AIRFLOW_TASKS_PASSWORD: use letters, digits, - and _ only, at least 12")
    return [*users, User(TASKS_USER, TASKS_ROLE, tasks_password)]


def settings(users: list[User], passwords_file: Path) -> dict[str, str]:
    """Write the passwords, readable by this user only; returns the Airflow settings for users and file."""
    passwords_file.unlink(missing_ok=True)
    descriptor = os.open(passwords_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({user.name: user.password for user in users}, file)
    return {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{u.name}:{u.role}" for u in users),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file),
    }


def main() -> None:
    """Replace this process with `airflow api-server`."""
    try:
        users = all_users(os.environ.pop("AIRFLOW_USERS"), os.environ.pop("AIRFLOW_TASKS_PASSWORD"))
    except ValueError as error:
        sys.exit(str(error))
    os.environ.update(settings(users, Path(os.environ["AIRFLOW_HOME"]) / "passwords.json"))
    os.execvp("airflow", ["airflow", "api-server", "--host", "0.0.0.0", "--port", "8080"])  # noqa: S104,S606,S607


if __name__ == "__main__":
    main()
