"""AIRFLOW_USERS is converted for Airflow's simple auth manager, or an error names the fault."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

PEOPLE = "ann:admin:s3cret"


@pytest.fixture
def api_server(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("api_server")


def test_users_and_passwords_go_to_airflow(api_server: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "passwords.json"
    given = api_server.settings(api_server.parse("ann:admin:s3cret,bo:viewer:0ther"), file)
    assert given["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] == "ann:admin,bo:viewer"
    assert given["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"] == str(file)
    assert json.loads(file.read_text(encoding="utf-8")) == {"ann": "s3cret", "bo": "0ther"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_removed_user_is_deleted(api_server: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "passwords.json"
    api_server.settings(api_server.parse("ann:admin:s3cret,bo:viewer:0ther"), file)
    api_server.settings(api_server.parse("ann:admin:changed"), file)
    assert json.loads(file.read_text(encoding="utf-8")) == {"ann": "changed"}


@pytest.mark.parametrize(
    ("users", "message"),
    [
        ("ann:admin", "every entry must be user:role:password"),
        ("ann:admin:", "every entry must be user:role:password"),
        ("ann:admin:a:b", "every entry must be user:role:password"),
        ("ann:admin:x,", "every entry must be user:role:password"),
        ("ann:boss:x", "the role of ann must be one of"),
        ("ann:admin:x,ann:viewer:y", "a user is given twice"),
    ],
)
def test_a_fault_is_named_without_the_password(api_server: ModuleType, users: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        api_server.parse(users)


def test_the_tasks_sign_in_as_a_user_of_their_own(api_server: ModuleType) -> None:
    users = api_server.all_users(PEOPLE, "t" * 12)
    assert [(user.name, user.role) for user in users] == [("ann", "admin"), ("tasks", "user")]
    assert users[-1].password == "t" * 12


@pytest.mark.parametrize(
    ("people", "password", "message"),
    [
        (f"{PEOPLE},tasks:user:mine", "t" * 12, "AIRFLOW_USERS: remove the user tasks"),
        (PEOPLE, "short", "AIRFLOW_TASKS_PASSWORD: use letters"),
        (PEOPLE, "with@sign-and-more", "AIRFLOW_TASKS_PASSWORD: use letters"),
    ],
)
def test_a_configuration_that_locks_out_the_tasks_is_refused(
    api_server: ModuleType, people: str, password: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        api_server.all_users(people, password)


def test_roles_are_those_of_airflow(api_server: ModuleType) -> None:
    from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManagerRole

    assert set(api_server.ROLES) == {role.name.lower() for role in SimpleAuthManagerRole}
