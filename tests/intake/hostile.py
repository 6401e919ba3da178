"""Files that anybody could put into a folder of the inbox, good forms between them."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

HEADER: Final = "city,indicator,period,value,unit,contact_role,submitted_on,evidence_url,note"
ROW: Final = "moscow,ELEC_USE,{},60.1,TWh,statistics office,2024-03-31,https://city.example/report.pdf,"
SPARSE_BYTES: Final = 8 << 30
NAMES: Final = {
    2001: b"good.csv",
    2002: b"form-\xe9.csv",
    2003: b"n" * 241 + b".csv",
    2004: b"two\nlines.csv",
    2005: b"100%25.csv",
    2006: "\u202eвсё по-русски.csv".encode(),
    2007: b"answer is a folder.csv",
    2008: b"answer is a link.csv",
    2009: b"answer is endless.csv",
    2010: b"answer is a pipe.csv",
    2011: b"\xd0" * 251 + b".csv",
}
"""The name of each good form, by the year whose row it holds."""
NO_FILES: Final = (b"secret.csv", b"endless.csv", b"dangling.csv", b"pipe.csv", b"socket.csv")
HUGE: Final = b"sparse.csv"


def form(year: int) -> bytes:
    """A form with one row."""
    return f"{HEADER}\n{ROW.format(year)}\n".encode()


def drop(folder: Path, outside: Path, names: Mapping[int, bytes] = NAMES) -> None:
    """Put all of them into a folder, good forms with these `names`; links lead to files in `outside`."""
    inside = os.fsencode(folder)
    secret = outside / "secret.txt"
    secret.write_bytes(form(1999))
    for year, name in names.items():
        Path(os.fsdecode(inside + b"/" + name)).write_bytes(form(year))
    occupied = folder / "answer is a folder.csv.report.txt"
    occupied.mkdir()
    (occupied / "mine").write_text("mine")
    (folder / "answer is a link.csv.report.txt").symlink_to(secret)
    (folder / "answer is endless.csv.report.txt").symlink_to("/dev/zero")
    os.mkfifo(folder / "answer is a pipe.csv.report.txt")
    (folder / "secret.csv").symlink_to(secret)
    (folder / "endless.csv").symlink_to("/dev/zero")
    (folder / "dangling.csv").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.csv")
    # The address of a socket is short: it is bound from inside the folder.
    with socket.socket(socket.AF_UNIX) as server:
        here = os.open(".", os.O_RDONLY)
        try:
            os.chdir(folder)
            server.bind("socket.csv")
        finally:
            os.fchdir(here)
            os.close(here)
    (folder / "sparse.csv").touch()
    os.truncate(folder / "sparse.csv", SPARSE_BYTES)
