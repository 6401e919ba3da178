"""A folder of submitted files with any name and of any kind: what is read, answered and set aside."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from city_indicators.core.errors import StorageError, UnusableFileError
from city_indicators.core.names import escaped, unescaped
from city_indicators.intake.mailbox import ANSWERED, LONGEST_NAME, Mailbox, answer_name
from city_indicators.sources.forms import MAX_BYTES
from tests.conftest import PROJECT
from tests.intake import hostile

CLOSED = "unknown: no permission to read the file"
NO_FILE = "unknown: no file, but a link or a device"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "inbox" / "submissions"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def hostile_folder(folder: Path, tmp_path: Path) -> Path:
    hostile.drop(folder, tmp_path)
    return folder


def raw(folder: Path, name: bytes) -> Path:
    return folder / os.fsdecode(name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"moscow 2023.csv", "moscow 2023.csv"),
        ("Москва «за 2023».csv".encode(), "Москва «за 2023».csv"),
        (b"form-\xe9.csv", "form-%E9.csv"),
        (b"form-%E9.csv", "form-%25E9.csv"),
        (b"two\nlines\x00.csv", "two%0Alines%00.csv"),
        ("\u202egnp.csv".encode(), "%E2%80%AEgnp.csv"),
        # Half of a surrogate pair in UTF-8, which is not valid.
        (b"\xed\xa0\x80.csv", "%ED%A0%80.csv"),
    ],
)
def test_a_name_is_shown_escaped_and_is_the_same_bytes_again(name: bytes, shown: str) -> None:
    assert escaped(name) == shown
    assert unescaped(shown) == name


def test_every_byte_of_a_name_survives_json_and_can_be_shown() -> None:
    names = [b"a" + bytes([byte]) + "п".encode() for byte in range(256)]
    shown = [escaped(name) for name in names]
    assert [unescaped(json.loads(json.dumps(name))) for name in shown] == names
    assert all(name.isprintable() for name in shown)


def test_the_name_of_an_answer_fits_and_belongs_to_one_file() -> None:
    assert answer_name("form.csv") == "form.csv.report.txt"
    longest = "n" * (LONGEST_NAME - len(".report.txt"))
    assert answer_name(longest) == f"{longest}.report.txt"
    long = [escaped(end + b".csv") for end in (b"n" * 245, b"n" * 246, b"\xd0\xbf" * 125, b"\xd0" * 250)]
    names = [answer_name(name) for name in long]
    assert len(set(names)) == len(names)
    for name in names:
        assert 230 < len(unescaped(name)) <= LONGEST_NAME
        assert name.endswith(".report.txt")
    # No character is cut in half.
    assert "%" not in names[2]


def test_every_file_is_seen_and_nothing_else(hostile_folder: Path) -> None:
    (hostile_folder / "subfolder.csv").mkdir()
    (hostile_folder / ".uploading.csv").touch()
    (hostile_folder / "~$open.xlsx").touch()
    seen = Mailbox(hostile_folder).looks()
    assert sorted(map(unescaped, seen)) == sorted([*hostile.NAMES.values(), *hostile.NO_FILES, hostile.HUGE])


def test_good_forms_are_read_and_the_others_have_a_mark(hostile_folder: Path) -> None:
    mailbox = Mailbox(hostile_folder)
    for year, name in hostile.NAMES.items():
        assert mailbox.read(escaped(name)) == hostile.form(year)
        assert mailbox.fingerprint(escaped(name)) == hashlib.sha256(hostile.form(year)).hexdigest()
    for name in hostile.NO_FILES:
        assert mailbox.fingerprint(escaped(name)) == NO_FILE
    assert mailbox.fingerprint("sparse.csv") == f"unknown: a file of {hostile.SPARSE_BYTES} bytes is not read"


def test_every_file_is_answered_and_no_file_of_others_changes(hostile_folder: Path, tmp_path: Path) -> None:
    mailbox = Mailbox(hostile_folder)
    secret = (tmp_path / "secret.txt").read_bytes()
    for name in mailbox.looks():
        assert not mailbox.is_answered(name)
        mailbox.answer(name, mailbox.fingerprint(name), f"{name}: thank you")
        assert mailbox.is_answered(name)
    assert (tmp_path / "secret.txt").read_bytes() == secret
    assert (hostile_folder / "answer is a folder.csv.report.txt" / "mine").read_text() == "mine"
    aside = hostile_folder.parent / "quarantine" / "submissions" / "answer is a folder.csv.report.txt"
    assert aside.read_text().startswith("answer is a folder.csv: thank you\n\nAnswers the file with sha256 ")
    assert list(aside.parent.iterdir()) == [aside]
    # Nothing is left of writing, and every answer is a regular file.
    assert list(hostile_folder.glob(".*")) == []
    answers = [look.answers for look in mailbox.looks().values()]
    assert len(answers) == len(hostile.NAMES) + len(hostile.NO_FILES) + 1
    assert all((beside is None) != (aside is None) for beside, aside in answers)


def test_a_changed_file_is_no_longer_answered(folder: Path) -> None:
    mailbox = Mailbox(folder)
    (folder / "form.csv").symlink_to("/dev/zero")
    mailbox.answer("form.csv", mailbox.fingerprint("form.csv"), "a link")
    assert mailbox.is_answered("form.csv")
    (folder / "form.csv").unlink()
    (folder / "form.csv").write_bytes(hostile.form(2020))
    assert not mailbox.is_answered("form.csv")


@pytest.mark.parametrize("swap", ["link", "pipe", "socket"])
def test_a_file_that_is_swapped_after_the_look_is_not_read(
    folder: Path, tmp_path: Path, swap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "empty").mkdir()
    hostile.drop(tmp_path / "elsewhere", tmp_path / "empty")
    put = {"link": "secret.csv", "pipe": "pipe.csv", "socket": "socket.csv"}[swap]
    (folder / "form.csv").write_bytes(hostile.form(2020))
    opened = os.open

    def swapping(path: str | bytes, flags: int, *mode: int, dir_fd: int | None = None) -> int:
        if dir_fd is not None:
            (tmp_path / "elsewhere" / put).rename(folder / "form.csv")
        return opened(path, flags, *mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", swapping)
    with pytest.raises(UnusableFileError, match="a link or a device; send the file itself"):
        Mailbox(folder).read("form.csv")


def test_a_file_that_grows_while_it_is_read_is_too_large(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "form.csv").write_bytes(b"small")
    seen = os.fstat

    def growing(opened: int) -> os.stat_result:
        state = seen(opened)
        os.truncate(folder / "form.csv", MAX_BYTES + 7)
        return state

    monkeypatch.setattr(os, "fstat", growing)
    with pytest.raises(UnusableFileError, match=f"^{MAX_BYTES + 1} bytes; a form has at most {MAX_BYTES}$"):
        Mailbox(folder).read("form.csv")


AS_ANOTHER = """
import os, sys
from pathlib import Path
from city_indicators.core.errors import StorageError, UnusableFileError
from city_indicators.intake.mailbox import Mailbox
mailbox = Mailbox(Path(sys.argv[1]))
os.setgroups([])
os.setuid(65534)
print(mailbox.fingerprint("closed.csv"))
try:
    mailbox.answer("closed.csv", "x", "thank you")
except StorageError as error:
    print(error)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_file_and_a_folder_that_belong_to_somebody_else(open_path: Path) -> None:
    folder = open_path / "submissions"
    for made in (open_path, folder):
        made.mkdir(exist_ok=True)
        made.chmod(0o755)
    (folder / "closed.csv").write_bytes(b"x")
    (folder / "closed.csv").chmod(0o600)
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "plugins")}
    command = [sys.executable, "-c", AS_ANOTHER, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    mark, refusal = done.stdout.splitlines()
    assert mark == CLOSED
    assert refusal.startswith(f"{folder}/closed.csv.report.txt: Permission denied; nothing was written. Next")


def test_a_full_disk_is_no_reason_for_quarantine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(opened: int) -> None:
        raise OSError(28, "No space left on device")

    (folder / "form.csv").write_bytes(hostile.form(2020))
    mailbox = Mailbox(folder)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left on device"):
            mailbox.answer("form.csv", mailbox.fingerprint("form.csv"), "thank you")
    assert list(folder.iterdir()) == [folder / "form.csv"]
    assert list(folder.parent.iterdir()) == [folder]
    written = mailbox.answer("form.csv", mailbox.fingerprint("form.csv"), "thank you")
    assert written == f"{folder}/form.csv.report.txt"
    sha256 = hashlib.sha256(hostile.form(2020)).hexdigest()
    assert Path(written).read_text(encoding="utf-8") == f"thank you\n\n{ANSWERED}{sha256}\n"
