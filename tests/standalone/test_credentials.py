"""Secrets: made once, private from their first moment."""

import stat
from pathlib import Path

from standalone.credentials import Credentials


def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    first = Credentials.load_or_make(tmp_path)
    assert Credentials.load_or_make(tmp_path) == first
    assert set(first.passwords) == {"admin", "viewer", "tasks"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_a_representation_shows_no_secret(tmp_path: Path) -> None:
    made = Credentials.load_or_make(tmp_path)
    shown = f"{made!r} {made}"
    for secret in (made.fernet_key, made.jwt_secret, made.api_secret_key, *made.passwords.values()):
        assert secret not in shown


def test_two_checkouts_share_no_secret(tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        c = Credentials.load_or_make(folder)
        made.append({c.fernet_key, c.jwt_secret, c.api_secret_key, *c.passwords.values()})
    assert len(made[0]) == 6
    assert not made[0] & made[1]


def test_a_folder_of_an_older_release_gains_the_users_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "passwords.json").write_text('{"admin": "kept", "viewer": "kept too"}', encoding="utf-8")
    made = Credentials.load_or_make(tmp_path)
    assert made.passwords["admin"] == "kept"
    assert set(made.passwords) == {"admin", "viewer", "tasks"}
    assert Credentials.load_or_make(tmp_path) == made
