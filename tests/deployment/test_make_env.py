"""`make env` writes the secrets once, readable only for their owner."""

import base64
import re
import stat
import subprocess
import sys
from pathlib import Path

from city_indicators.core.paths import PROJECT


def make_env(file: Path) -> subprocess.CompletedProcess[str]:
    # -S: without site-packages, as on a server without any installed package.
    command = [sys.executable, "-S", "docker/make_env.py", str(file)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)


def read(file: Path) -> dict[str, str]:
    return parse(file.read_text(encoding="utf-8"))


def parse(content: str) -> dict[str, str]:
    lines = content.splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_writes_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert make_env(file).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_never_shows_a_secret(tmp_path: Path) -> None:
    done = make_env(tmp_path / ".env")
    for name, value in read(tmp_path / ".env").items():
        if name != "COMPOSE_PROJECT_NAME":
            assert value not in done.stdout + done.stderr


def test_leaves_a_complete_file_alone(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    make_env(file)
    before = file.read_bytes()
    again = make_env(file)
    assert again.returncode == 0
    assert "exists and is not changed" in again.stdout
    assert file.read_bytes() == before


def test_an_older_file_gains_the_new_secrets_and_keeps_its_own(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    make_env(file)
    complete = file.read_text(encoding="utf-8")
    older = re.sub(r"^(WAREHOUSE_STEWARD|AIRFLOW_TASKS)_PASSWORD=.*\n", "", complete, flags=re.MULTILINE)
    file.write_text(older, encoding="utf-8")
    done = make_env(file)
    assert done.returncode == 0
    assert "Added AIRFLOW_TASKS_PASSWORD, WAREHOUSE_STEWARD_PASSWORD to" in done.stdout
    assert file.read_text(encoding="utf-8").startswith(older)
    assert read(file).keys() == parse(complete).keys()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_sets_every_secret_that_compose_requires(tmp_path: Path, compose_text: str) -> None:
    make_env(tmp_path / ".env")
    required = set(re.findall(r"\$\{(\w+):\?", compose_text))
    assert set(read(tmp_path / ".env")) == required | {"COMPOSE_PROJECT_NAME"}


def test_names_every_setting_with_its_default(tmp_path: Path, compose_text: str) -> None:
    make_env(tmp_path / ".env")
    settings = dict(
        re.findall(r"^# (\w+)=(.*)$", (tmp_path / ".env").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert settings == dict(re.findall(r"\$\{(\w+):-([^}]*)\}", compose_text))


def test_secrets_are_fresh_and_strong(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        make_env(tmp_path / name)
        made.append(read(tmp_path / name))
    first, second = made
    for name in first.keys() - {"COMPOSE_PROJECT_NAME"}:
        assert first[name] != second[name]
    passwords = [value for name, value in first.items() if name.endswith("_PASSWORD")]
    assert len(set(passwords)) == len(passwords) == 8
    assert all(re.fullmatch(r"[\w-]{24}", password, re.ASCII) for password in passwords)
    assert len(base64.urlsafe_b64decode(first["AIRFLOW_FERNET_KEY"])) == 32
