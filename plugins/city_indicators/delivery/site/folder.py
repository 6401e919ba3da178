"""Writes the files of a site into a folder: only what changed, and nothing that is not its own."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from city_indicators.core.errors import SiteError
from city_indicators.core.storage import storing, write_atomically

MANIFEST: Final = "site-files.json"
"""The file that lists what the site wrote."""


@dataclass(frozen=True)
class Written:
    """What a site wrote into a folder: the SHA-256 of each file by its path, and of what they are made from.

    Both are empty in a new folder, or until the first files are complete.
    """

    made_from: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """How many files were written and removed."""

    written: int
    removed: int


def check(folder: Path) -> Written:
    """What a site wrote into a folder; nothing if it is absent or empty.

    Raises:
        SiteError: the folder has files, but no site wrote them.
    """
    manifest = folder / MANIFEST
    if manifest.is_file():
        try:
            return Written(**json.loads(manifest.read_bytes()))
        except (ValueError, TypeError) as error:
            raise SiteError(folder, f"its {MANIFEST} is damaged", "name an empty folder") from error
    if folder.is_dir():
        if any(folder.iterdir()):
            raise SiteError(folder, f"it has files, but no {MANIFEST}", "name an empty folder or a new one")
    elif folder.exists():
        raise SiteError(folder, "it is not a folder", "name a folder")
    return Written()


def is_current(folder: Path, made_from: str) -> bool:
    """Whether a folder has the files that are made from what has this SHA-256, as the site wrote them.

    Raises:
        SiteError: the folder has files, but no site wrote them.
    """
    known = check(folder)
    return known.made_from == made_from and all(
        _digest(folder / path) == digest for path, digest in known.files.items()
    )


def write(folder: Path, files: Mapping[str, bytes], made_from: str) -> Done:
    """Make a folder hold the files, by their paths; `made_from` is the SHA-256 of what they are made from.

    A file is written only if its bytes change. Those that the site no longer has are removed if they are as
    the site wrote them. After an interruption the next run completes the folder.

    Raises:
        SiteError: the folder has files, but no site wrote them.
        StorageError: the disk is full, read-only or closed to us.
    """
    known = check(folder).files
    if not known:
        _write(folder / MANIFEST, b"{}")
    digests = {path: hashlib.sha256(content).hexdigest() for path, content in sorted(files.items())}
    changed = [path for path, digest in digests.items() if _digest(folder / path) != digest]
    for path in changed:
        _write(folder / path, files[path])
    removed = [path for path in known if path not in files and _remove(folder, path, known[path])]
    manifest = json.dumps(asdict(Written(made_from, digests)), indent=1).encode()
    if (folder / MANIFEST).read_bytes() != manifest:
        _write(folder / MANIFEST, manifest)
    return Done(len(changed), len(removed))


def _write(path: Path, content: bytes) -> None:
    with storing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _remove(folder: Path, path: str, digest: str) -> bool:
    """Remove a file that is as the site wrote it, and the folders that it leaves empty."""
    file = folder / path
    inside = file.resolve().is_relative_to(folder.resolve())
    if not inside or _digest(file) != digest:
        return False
    file.unlink()
    parent = file.parent
    while parent != folder and not any(parent.iterdir()):
        parent.rmdir()
        parent = parent.parent
    return True
